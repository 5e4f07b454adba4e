import { describe, expect, test } from "vitest";
import type { Prediction } from "../src/model/prediction.ts";
import { evidenceDigest } from "../src/scan/evidence-digest.ts";
import { buildHive, type HiveTree } from "./support/hive.ts";
import type { FlatFiles } from "./support/machine.ts";
import { judge, machine, SOFTWARE } from "./support/windows.ts";

const OFF = machine({ components: 0xff });
const COMPLETE = "/Windows/Setup/Scripts/SetupComplete.cmd";
const POLICY = "/Windows/System32/GroupPolicy/Machine/Scripts";
const BACK =
  "Remove-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters DisabledComponents";
const encoded = Buffer.from(BACK, "utf16le").toString("base64");

/** A scheduled task that runs as Windows starts. */
function task(command: string, args = "", trigger = "<BootTrigger/>"): FlatFiles {
  const exec = `<Exec><Command>${command}</Command><Arguments>${args}</Arguments></Exec>`;
  const settings = "<Settings><Enabled>true</Enabled></Settings>";
  const xml = `\ufeff<Task><Triggers>${trigger}</Triggers>${settings}<Actions>${exec}</Actions></Task>`;
  return { "/Windows/System32/Tasks/Acme": Buffer.from(xml, "utf16le") };
}

async function predicted(more: FlatFiles, of: FlatFiles = OFF): Promise<Prediction> {
  const { prediction, verdict } = await judge({ ...of, ...more }, false);
  if (!prediction) throw new Error("no prediction");
  expect(verdict).not.toBe("pass");
  return prediction;
}

function software(current: Readonly<Record<string, HiveTree>>): FlatFiles {
  const keys = { Microsoft: { keys: { Windows: { keys: { CurrentVersion: { keys: current } } } } } };
  return { [SOFTWARE]: buildHive({ keys }) };
}

describe("what brings IPv6 back at the first boot", () => {
  test.each<[string, FlatFiles, RegExp]>([
    [
      "an answer file without line breaks",
      {
        "/Windows/Panther/unattend.xml": `<unattend>${"<x/>".repeat(2000)}<Path>reg delete Tcpip6\\Parameters</Path></unattend>`,
      },
      /speaks of IPv6/,
    ],
    [
      "UTF-16 without a mark",
      { [COMPLETE]: Buffer.from(`rem x\r\n${BACK}`, "utf16le") },
      /SetupComplete.cmd\) speaks of IPv6/,
    ],
    ["UTF-16, big-endian", { [COMPLETE]: swapped(`\ufeff${BACK}`) }, /speaks of IPv6/],
    ["an encoded command", { [COMPLETE]: `powershell -enc ${encoded}` }, /speaks of IPv6/],
    [
      "a script that a script names that a script names",
      {
        [COMPLETE]: "@echo off\r\ncall %SystemDrive%\\tools\\a.cmd\r\n",
        "/tools/a.cmd": 'powershell -ExecutionPolicy Bypass -File "%~dp0sub dir\\b.ps1"',
        "/tools/sub dir/b.ps1": BACK,
      },
      /a script that a.cmd names \(\/tools\/sub dir\/b.ps1\) speaks of IPv6/,
    ],
    [
      "a start-up script of the local policy",
      {
        [`${POLICY}/psscripts.ini`]: Buffer.from(
          "\ufeff[Startup]\r\n0CmdLine=on.ps1\r\n0Parameters=\r\n",
          "utf16le",
        ),
        [`${POLICY}/Startup/on.ps1`]: BACK,
      },
      /psscripts.ini names .*speaks of IPv6/,
    ],
    [
      "a scheduled task",
      { "/Windows/System32/Tasks/net": Buffer.from(`\ufeff<Task><Arguments>${BACK}`, "utf16le") },
      /a scheduled task .*speaks of IPv6/,
    ],
    [
      "a script of cloudbase-init",
      { "/Program Files/Cloudbase Solutions/Cloudbase-Init/LocalScripts/1.ps1": BACK },
      /cloudbase-init runs .*speaks of IPv6/,
    ],
    [
      "a script of cloudbase-init in a folder that its configuration names",
      {
        "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf":
          "[DEFAULT]\r\nlocal_scripts_path=c:\\init scripts\\run\\\r\n",
        "/init scripts/run/1.ps1": BACK,
      },
      /cloudbase-init runs \(\/init scripts\/run\/1.ps1\) speaks of IPv6/,
    ],
    [
      "scripts of cloudbase-init on another drive",
      {
        "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init-unattend.conf":
          "[DEFAULT]\nlocal_scripts_path = D:\\run\n",
      },
      /cloudbase-init runs the scripts of D:\\run, which is not on this volume/,
    ],
    [
      "a desired state",
      {
        "/Windows/System32/Configuration/Pending.mof": Buffer.from(
          '\ufeffinstance of MSFT_RegistryResource { ValueName = {"DisabledComponents"}; };',
          "utf16le",
        ),
      },
      /Desired State Configuration .*Pending.mof\) speaks of IPv6/,
    ],
    [
      "a desired state that is encrypted",
      { "/Windows/System32/Configuration/Current.mof": Buffer.alloc(600, 0x9e) },
      /Current.mof\) is encrypted/,
    ],
    [
      "what VMware Tools runs at a start",
      { "/Program Files/VMware/VMware Tools/poweron-vm-default.bat": BACK },
      /VMware Tools runs at a start .*speaks of IPv6/,
    ],
    [
      "what VMware Tools is told to run at a start",
      {
        "/ProgramData/VMware/VMware Tools/tools.conf": "[powerops]\npoweron-script=C:\\x\\net.bat\n",
        "/x/net.bat": BACK,
      },
      /a script that tools.conf names .*speaks of IPv6/,
    ],
    [
      "a script of virt-customize",
      { "/Program Files/Guestfs/Firstboot/scripts/0001-net.bat": BACK },
      /virt-customize left .*speaks of IPv6/,
    ],
    [
      "a file that a logon starts",
      { "/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/a.cmd": BACK },
      /a logon starts .*speaks of IPv6/,
    ],
    [
      "a program that a task starts from anywhere",
      task("&quot;C:\\x y\\agent.exe&quot;", "-v"),
      /Tasks\/Acme\) runs as Windows starts and comes from a place .*: "C:\\x y\\agent.exe" -v/,
    ],
    [
      "a shell that a task starts",
      task("cmd.exe", "/c C:\\x\\agent.exe"),
      /runs as Windows starts and is a command line for a shell/,
    ],
    [
      "a file that the logon of one user starts",
      {
        "/Users/Public/x": "x",
        "/Users/desktop.ini": "x",
        "/Users/Administrator/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/a.cmd": BACK,
      },
      /a file that a logon starts \(\/Users\/Administrator\/.*a.cmd\) speaks of IPv6/,
    ],
    [
      "the script of a scheduled task",
      {
        "/Windows/System32/Tasks/net":
          "<Task><Command>cmd.exe</Command><Arguments>/c C:\\x\\net.cmd</Arguments></Task>",
        "/x/net.cmd": BACK,
      },
      /a script that net names .*speaks of IPv6/,
    ],
    [
      "a scheduled task in a folder of its own",
      { "/Windows/System32/Tasks/Acme/Net/on": `<Task><Arguments>${BACK}` },
      /a scheduled task \(\/Windows\/System32\/Tasks\/Acme\/Net\/on\) speaks of IPv6/,
    ],
    [
      "the script of a scheduled task, its path with spaces and without quotes",
      {
        "/Windows/System32/Tasks/net": "<Task><Command>C:\\Program Files\\x y\\net.cmd</Command>",
        "/Program Files/x y/net.cmd": BACK,
      },
      /a script that net names \(\/Program Files\/x y\/net.cmd\) speaks of IPv6/,
    ],
    [
      "a command of RunOnce",
      software({ RunOnce: { values: { "!net": `powershell ${BACK}` } } }),
      /command that runs at a logon speaks of IPv6/,
    ],
    [
      "what Winlogon starts",
      {
        [SOFTWARE]: buildHive({
          keys: {
            Microsoft: {
              keys: {
                "Windows NT": {
                  keys: {
                    CurrentVersion: {
                      keys: { Winlogon: { values: { Userinit: "userinit.exe,C:\\x\\net.cmd," } } },
                    },
                  },
                },
              },
            },
          },
        }),
        "/x/net.cmd": BACK,
      },
      /a command in the registry names .*speaks of IPv6/,
    ],
    [
      "the script of RunOnce",
      { ...software({ RunOnce: { values: { net: "cmd /c C:\\x\\net.cmd" } } }), "/x/net.cmd": BACK },
      /a command in the registry names .*speaks of IPv6/,
    ],
    [
      "a script from elsewhere",
      { [COMPLETE]: "powershell -File \\\\server\\share\\net.ps1" },
      /names .*net.ps1, which cannot be found/,
    ],
    [
      "a script of that name somewhere",
      { [COMPLETE]: "call net.cmd" },
      /names net.cmd, which cannot be found/,
    ],
    [
      "a script from the web",
      { [COMPLETE]: "powershell iwr https://example.com/net.ps1 | iex" },
      /names https:\/\/example.com\/net.ps1, which cannot be found/,
    ],
    ["a system that resumes every time", { "/hiberfil.sys": "HORM\0\0\0\0" }, /hibernated Windows/],
    ["a hibernated system", { "/hiberfil.sys": "HIBR\0\0\0\0more" }, /hibernated Windows/],
  ])("%s", async (_name, files, why) => {
    const { state, reason } = await predicted(files);
    expect([state, reason]).toEqual(["unknown", expect.stringMatching(why)]);
  });

  test.each<[string, FlatFiles]>([
    ["a script that is named and not there", { [COMPLETE]: "call C:\\gone\\net.cmd" }],
    ["the name of a product", { [COMPLETE]: "echo installing Node.js" }],
    ["a comment", { [COMPLETE]: "rem see net.cmd\r\n:: and net.ps1" }],
    ["scripts for the end", { [`${POLICY}/scripts.ini`]: "[Shutdown]\r\n0CmdLine=off.cmd\r\n" }],
    [
      "tasks and commands about other things",
      {
        "/Windows/System32/Tasks/Microsoft/x": "x",
        "/Windows/System32/Tasks/Acme/Net/update": "<Task/>",
        "/Windows/System32/Tasks/update": "<Task/>",
        ...software({ Run: { values: { Health: "%windir%\\system32\\SecurityHealthSystray.exe" } } }),
      },
    ],
    [
      "a desired state about other things, VMware's own script, cloudbase-init's usual folder",
      {
        "/Windows/System32/Configuration/Current.mof":
          'instance of MSFT_RoleResource { Ensure = "Present"; };',
        "/Program Files/VMware/VMware Tools/poweron-vm-default.bat": "@echo off\r\n",
        "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf":
          "local_scripts_path=C:\\Program Files\\Cloudbase Solutions\\Cloudbase-Init\\LocalScripts\\\n",
        "/Program Files/Cloudbase Solutions/Cloudbase-Init/LocalScripts/1.ps1": "echo 1",
      },
    ],
    [
      "users who have nothing started",
      {
        "/Users/desktop.ini": "x",
        "/Users/Public/Desktop/x": "x",
        "/Users/Default/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/desktop.ini": "x",
        "/Users/Administrator/AppData/Local/x": "x",
      },
    ],
    ["a task of an installed program", task("C:\\Program Files (x86)\\Acme\\Update\\update.exe", "/ua")],
    [
      "a task that runs an installed script",
      { ...task("C:\\Program Files\\Acme Engine\\run.cmd"), "/Program Files/Acme Engine/run.cmd": "echo 1" },
    ],
    ["a task that runs a script", { ...task("cmd.exe", "/c C:\\x\\a.cmd"), "/x/a.cmd": "echo 1" }],
    ["a task of a logon", task("%localappdata%\\Acme\\update.exe", "", "<LogonTrigger/>")],
    [
      "a task that is off",
      task("C:\\x\\agent.exe", "", "<BootTrigger/><Settings><Enabled>false</Enabled></Settings>"),
    ],
    ["a system that woke up", { "/hiberfil.sys": "WAKE\0\0\0\0" }],
    ["a system that never slept", { "/hiberfil.sys": "\0\0\0\0\0\0\0\0" }],
    [
      "scripts that name each other",
      { [COMPLETE]: "call C:\\a.cmd", "/a.cmd": `call "C:${COMPLETE.replaceAll("/", "\\")}"` },
    ],
  ])("not: %s", async (_name, files) => {
    expect((await predicted(files)).state).toBe("off");
  });

  test("the command that runs before Windows is up", async () => {
    const at = (SetupType: number, CmdLine: string): Promise<Prediction> =>
      predicted({}, machine({ components: 0xff, setup: { values: { SetupType, CmdLine } } }));
    expect((await at(2, "cmd /c C:\\x.exe")).reason).toContain("(Setup\\CmdLine): cmd /c C:\\x.exe");
    expect((await at(2, "oobe\\windeploy.exe")).state).toBe("off");
    expect((await at(0, "cmd /c C:\\x.exe")).state).toBe("off");
  });

  test("where IPv6 is on it takes a script that speaks of it", async () => {
    const on = machine({ components: 0x20 });
    expect((await predicted({ [COMPLETE]: "call net.cmd" }, on)).state).toBe("on");
    expect((await predicted({ [COMPLETE]: "call \\net.cmd", "/net.cmd": BACK }, on)).state).toBe("unknown");
  });
});

test("scheduled tasks in more folders than any Windows has are not looked at, and not off", async () => {
  const many = Array.from({ length: 2001 }, (_, i) => [`/Windows/System32/Tasks/Acme/t${i}`, "<Task/>"]);
  const { state, reason } = await predicted(Object.fromEntries(many));
  expect([state, reason]).toEqual(["unknown", expect.stringMatching(/Tasks\/Acme\) could not be read/)]);
});

test.each<[string, FlatFiles]>([
  ["a list of scripts", { [`${POLICY}/scripts.ini`]: "\n".repeat(250_000) }],
  [
    "a folder of cloudbase-init",
    {
      "/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf": `local_scripts_path=C:/a${"/".repeat(250_000)}b`,
    },
  ],
])(
  "%s that is made to take long is read in no time",
  async (_name, files) => {
    expect((await predicted(files)).state).toBe("off");
  },
  5000,
);

test("a review is bound to all that a script says, not to the lines that are shown", async () => {
  const script = (last: string): FlatFiles => ({ [COMPLETE]: `${"echo ipv6\r\n".repeat(10)}${last}` });
  const digest = async (files: FlatFiles): Promise<string> =>
    evidenceDigest(await judge({ ...OFF, ...files }));
  expect(await digest(script("echo a"))).not.toBe(await digest(script("echo b")));
  expect(await digest({ [COMPLETE]: "echo a" })).not.toBe(await digest({ [COMPLETE]: "echo b" }));
});

function swapped(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
