import { describe, expect, test } from "vitest";
import type { Prediction } from "../src/model/prediction.ts";
import { buildHive, type HiveTree, type HiveValue } from "./support/hive.ts";
import type { FlatFiles } from "./support/machine.ts";
import { judge, machine, SOFTWARE, SYSTEM, systemHive } from "./support/windows.ts";

const BACK =
  "reg delete HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters /v DisabledComponents /f";
const AUTO = 2;
const MANUAL = 3;
const OWN_PROCESS = 16;

/** What is predicted of a Windows that is set off and has this service. */
async function predicted(service: HiveTree, files: FlatFiles = {}, components = 0xff): Promise<Prediction> {
  const { prediction } = await judge(
    { ...machine({ components, services: { Acme: service } }), ...files },
    false,
  );
  if (!prediction) throw new Error("no prediction");
  return prediction;
}

function runs(
  ImagePath: HiveValue,
  more: Readonly<Record<string, HiveValue>> = {},
  keys?: HiveTree["keys"],
): HiveTree {
  return { values: { Start: AUTO, Type: OWN_PROCESS, ImagePath, ...more }, ...(keys ? { keys } : {}) };
}

const wrapped = (Application: string, AppParameters: string): HiveTree =>
  runs("C:\\Program Files\\nssm\\nssm.exe", {}, { Parameters: { values: { Application, AppParameters } } });

describe("a service that starts with Windows, where IPv6 is set off", () => {
  test.each<[string, HiveTree, FlatFiles, RegExp]>([
    [
      "speaks of IPv6",
      runs(`cmd.exe /c ${BACK}`),
      {},
      /the service Acme speaks of IPv6: cmd.exe \/c reg delete/,
    ],
    [
      "that a person starts, and that speaks of IPv6",
      runs("powershell Enable-NetAdapterBinding -Name * -ComponentID ms_tcpip6", { Start: MANUAL }),
      {},
      /the service Acme speaks of IPv6/,
    ],
    [
      "runs a script that does",
      runs("cmd /c C:\\x\\net.cmd"),
      { "/x/net.cmd": BACK },
      /command in the registry names \(\/x\/net.cmd\) speaks of IPv6/,
    ],
    [
      "runs a script of another machine",
      runs("wscript.exe \\\\server\\share\\net.vbs"),
      {},
      /the service Acme names .*net.vbs, which cannot be found/,
    ],
    [
      "runs a script that a wrapper names",
      wrapped("powershell.exe", "-File C:\\x\\net.ps1"),
      { "/x/net.ps1": BACK },
      /\(\/x\/net.ps1\) speaks of IPv6/,
    ],
    ["runs what a wrapper is told", wrapped("cmd.exe", `/c ${BACK}`), {}, /the service Acme speaks of IPv6/],
    [
      "runs a program that a wrapper names, from anywhere",
      wrapped("C:\\x\\agent.exe", ""),
      {},
      /neither Windows nor an installed program lies: C:\\x\\agent.exe/,
    ],
    ["is a shell", runs("%ComSpec% /c start"), {}, /from a place where neither Windows/],
    ["is a shell with a command", runs("cmd.exe /c C:\\x\\agent.exe"), {}, /a command line for a shell/],
    ["lies anywhere", runs('"C:\\my tools\\agent.exe" -x'), {}, /from a place where neither Windows/],
    ["lies above a usual place", runs("C:\\Windows\\..\\x\\a.exe"), {}, /from a place where neither Windows/],
    [
      "lies among temporary files",
      runs("%SystemRoot%\\Temp\\a.exe"),
      {},
      /from a place where neither Windows/,
    ],
  ])("%s: unknown", async (_name, service, files, why) => {
    const { state, reason, blindSpots } = await predicted(service, files);
    expect([state, reason]).toEqual(["unknown", expect.stringMatching(why)]);
    expect(blindSpots.find(({ text }) => text === reason)?.evidence[0]?.locator).toBeTruthy();
  });

  test.each<[string, HiveTree]>([
    ["Windows' own", runs("%SystemRoot%\\system32\\svchost.exe -k netsvcs -p")],
    ["one without its folder", runs("svchost.exe -k netsvcs")],
    ["one by its old name", runs("system32\\VBoxService.exe")],
    ["an installed one, its path with spaces", runs("C:\\Program Files (x86)\\Acme Agent\\agent.exe /svc")],
    ["an antivirus", runs('"%ProgramData%\\Microsoft\\Windows Defender\\platform\\4\\MsMpEng.exe"')],
    ["a disabled one", runs(`cmd.exe /c ${BACK}`, { Start: 4 })],
    ["one that a person starts, from anywhere", runs("C:\\x\\agent.exe", { Start: MANUAL })],
    ["a driver", runs("\\??\\C:\\x\\driver.sys", { Type: 1 })],
    ["a wrapper of an installed program", wrapped("C:\\Program Files\\x\\agent.exe", "-v")],
  ])("not: %s", async (_name, service) => {
    expect((await predicted(service)).state).toBe("off");
  });

  test("one that cannot be read", async () => {
    const hive = Buffer.from(systemHive({ components: 0xff, services: { Acme: runs("svchost.exe") } }));
    hive.write("xx", hive.indexOf("ImagePath") - 20, "latin1");
    const { prediction } = await judge({ ...machine(), [SYSTEM]: hive }, false);
    expect([prediction?.state, prediction?.reason]).toEqual([
      "unknown",
      expect.stringMatching(/^the service Acme could not be read: corrupt/),
    ]);
  });
});

test("more values than any Windows has: not read on, and not off", async () => {
  const values = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`v${i}`, i]));
  const services = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`s${i}`, { values }]));
  const { prediction } = await judge(machine({ components: 0xff, services }), false);
  expect([prediction?.state, prediction?.reason]).toEqual([
    "unknown",
    expect.stringMatching(/could not be read: limit: more than 65536 values/),
  ]);
});

test("where IPv6 is on, no service is looked at", async () => {
  const { state, blindSpots } = await predicted(runs(`cmd.exe /c ${BACK}`), {}, 0x20);
  expect([state, blindSpots]).toEqual(["on", []]);
});

test("a command of a logon that names a script of another machine", async () => {
  const values = { net: "powershell -File \\\\server\\share\\net.ps1" };
  const keys = {
    Microsoft: { keys: { Windows: { keys: { CurrentVersion: { keys: { Run: { values } } } } } } },
  };
  const { state, reason } = await predicted({}, { [SOFTWARE]: buildHive({ keys }) });
  expect([state, reason]).toEqual([
    "unknown",
    expect.stringMatching(/runs at a logon names .*net.ps1, which cannot/),
  ]);
});
