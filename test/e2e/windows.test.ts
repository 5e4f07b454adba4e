import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sixray } from "../support/cli.ts";
import { buildHive, type HiveTree } from "../support/hive.ts";
import { missing, run, scratch } from "../support/images.ts";
import { makeNtfs, NTFS_NEEDS } from "../support/ntfs.ts";

const RESULTS = z.object({
  results: z.array(
    z.object({
      verdict: z.string(),
      reason: z.string(),
      prediction: z.object({ state: z.string() }).optional(),
      cost: z.object({ reads: z.number(), bytes: z.number(), rounds: z.number() }),
    }),
  ),
});
const why = missing(...NTFS_NEEDS, "qemu-img", "sfdisk");
const START_MIB = 1;
const FORMATS = ["raw", "qcow2", "vmdk", "vpc", "vhdx"] as const;

function scan(args: readonly string[]): z.infer<typeof RESULTS>["results"][number] {
  const { out } = sixray(["scan", "--quiet", "--format", "json", "--fail-on", "never", ...args]);
  const [result] = RESULTS.parse(JSON.parse(out)).results;
  if (!result) throw new Error("no result");
  return result;
}

/** A hive with as many services as a Windows has, so that lists and pages are as far apart. */
function hive(components: number): Uint8Array {
  const services: Record<string, HiveTree> = Object.fromEntries(
    Array.from({ length: 700 }, (_, i) => [
      `Service${i}`,
      {
        values: {
          Start: 3,
          Type: 1,
          ImagePath: `system32\\drivers\\service${i}.sys`,
          Description: "x".repeat(200),
        },
      },
    ]),
  );
  services.Tcpip6 = {
    values: { Start: 3 },
    keys: { Parameters: { values: { DisabledComponents: components } } },
  };
  return buildHive({
    keys: { Select: { values: { Current: 1 } }, ControlSet001: { keys: { Services: { keys: services } } } },
  });
}

describe.skipIf(why)("a Windows on NTFS", async () => {
  const folder = scratch("windows");
  const raw = join(folder, "win.raw");
  if (!why) {
    const ntfs = await makeNtfs(96 << 20, [], (mount) => {
      const config = join(mount, "Windows/System32/config");
      mkdirSync(config, { recursive: true });
      for (let i = 0; i < 800; i++) writeFileSync(join(dirname(config), `lib${i}.dll`), `${i}`);
      writeFileSync(join(config, "SYSTEM"), hive(0x20));
    });
    writeFileSync(raw, Buffer.concat([Buffer.alloc(START_MIB << 20), readFileSync(ntfs)]));
    truncateSync(raw, 100 << 20);
    run("sfdisk", ["-q", raw], {
      input: `label: gpt\nstart=2048,size=${(96 << 20) / 512},type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n`,
    });
    for (const format of FORMATS.slice(1))
      run("qemu-img", ["convert", "-f", "raw", "-O", format, raw, join(folder, `win.${format}`)]);
  }

  test.each(FORMATS)("%s: a review, with the predicted state", (format) => {
    const result = scan([join(folder, `win.${format}`)]);
    expect([result.verdict, result.prediction?.state]).toEqual(["review", "on"]);
    expect(result.reason).toContain("IPv4 is preferred over IPv6, and IPv6 stays on");
    if (format !== "raw") return;
    expect(result.cost.reads).toBeLessThanOrEqual(30);
    expect(result.cost.bytes / 1024).toBeLessThanOrEqual(190);
  });

  test("the registry is there to be read", () => {
    const key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters";
    const { out } = sixray(["cat", "--registry", `${key}\\DisabledComponents`, raw]);
    expect(out).toBe("DisabledComponents\tREG_DWORD\t0x20 (32)\n");
    expect(sixray(["ls", "--registry", "HKLM\\SYSTEM\\Select", "--json", raw]).out).toBe(
      '{"value":"Current","type":"REG_DWORD","data":1}\n',
    );
    expect(sixray(["cat", "--registry", "HKLM\\SYSTEM\\Nothing", raw]).code).toBe(2);
  });

  test("explain lays out the evidence and the checklist", () => {
    const { out } = sixray(["explain", raw]);
    expect(out).toContain("DisabledComponents: REG_DWORD 0x00000020");
    expect(out).toContain("To confirm on a running instance");
    expect(out).toContain("Get-NetAdapterBinding -ComponentID ms_tcpip6");
  });

  test("a signed review is honoured until the evidence changes", () => {
    const file = join(folder, "win.review.json");
    const sign = [
      "review",
      "sign",
      "--image",
      raw,
      "--by",
      "Ada",
      "--result",
      "accepted",
      "--note",
      "as agreed",
    ];
    expect(sixray([...sign, "-o", file]).code).toBe(0);
    expect(scan([raw, "--review", file])).toMatchObject({
      verdict: "waived",
      reason: expect.stringContaining("Reviewed by Ada"),
    });
    expect(sixray([...sign, "-o", file]).code).toBe(2);
    const review: unknown = JSON.parse(readFileSync(file, "utf8"));
    const other = join(folder, "other.review.json");
    writeFileSync(
      other,
      JSON.stringify({ ...z.looseObject({}).parse(review), evidence: `sha256:${"0".repeat(64)}` }),
    );
    expect(scan([raw, "--review", other])).toMatchObject({
      verdict: "review",
      reason: expect.stringContaining("the evidence has changed"),
    });
    writeFileSync(other, "{}");
    expect(sixray(["scan", raw, "--review", other]).code).toBe(2);
  });
});
