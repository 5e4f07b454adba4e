import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { scratch } from "./support/images.ts";
import { type Outcome, sixrayHere } from "./support/in-process.ts";

const IMAGES = fileURLToPath(new URL("fixtures/images", import.meta.url));
const folder = scratch("policy");

const sixray = (...args: readonly string[]): Promise<Outcome> => sixrayHere(args);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function waived(expires: string, family = "on"): string {
  return `extends: os-extended-debian
waivers:
  - id: W-1
    match: { provider: file, family: "${family}" }
    rules: [disable-ipv6-interfaces]
    reason: dual-stack by design
    approvedBy: netops
    expires: ${expires}
`;
}

describe("sixray policy", () => {
  test("init, then validate, then show, which validates again", async () => {
    const path = join(folder, "mine.yaml");
    expect(await sixray("policy", "init", path, "--extends", "os-extended-rpm")).toMatchObject({
      code: 0,
      out: "",
    });
    expect((await sixray("policy", "validate", path)).out).toBe(`${path}: ok (2 rules, 0 waivers)\n`);
    const shown = await sixray("policy", "show", path);
    expect((await sixray("policy", "validate", file("shown.yaml", shown.out))).code).toBe(0);
  });

  test("show writes nothing that a terminal obeys, and what it writes says the same", async () => {
    const title = "a\u009b31m \u202egpj";
    const path = file("obeyed.yaml", `title: "${title}"\nextends: cis\n`);
    const { out } = await sixray("policy", "show", path);
    expect(out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(out).toContain('title: "a\\u009b31m \\u202egpj"');
    expect((await sixray("policy", "show", file("again.yaml", out))).out).toBe(out);
  });

  test("validate refuses what a scan refuses: bytes that are no text", async () => {
    const path = join(folder, "latin1.yaml");
    writeFileSync(path, Buffer.from("extends: cis\ntitle: caf\xe9\n", "latin1"));
    expect(await sixray("policy", "validate", path)).toMatchObject({ code: 2, out: "" });
    expect((await sixray("policy", "validate", path)).err).toContain("is not UTF-8 text");
  });

  test("init writes over nothing", async () => {
    const path = file("there.yaml", "precious\n");
    const { code, err } = await sixray("policy", "init", path);
    expect([code, readFileSync(path, "utf8")]).toEqual([2, "precious\n"]);
    expect(err).toMatch(/there already \(--force writes over it\)/);
    expect((await sixray("policy", "init", path, "--force")).code).toBe(0);
  });

  test("list names what show prints", async () => {
    const { out } = await sixray("policy", "list");
    const ids = out
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0] ?? "");
    expect(ids).toEqual(
      expect.arrayContaining([
        "os-extended-debian",
        "os-extended-rpm",
        "os-extended-windows",
        "cis",
        "strict",
        "dual-stack-with-firewall",
      ]),
    );
    for (const id of ids) expect((await sixray("policy", "show", id)).code).toBe(0);
  });

  test("validate tells every problem with its place, of every file", async () => {
    const bad = file("bad.yaml", "extends: stric\nwavers: []\n");
    const good = file("good.yaml", "extends: strict\n");
    const { code, out, err } = await sixray("policy", "validate", bad, join(folder, "none.yaml"), good);
    expect(code).toBe(2);
    expect(out).toBe(`${good}: ok (3 rules, 0 waivers)\n`);
    const [first, second, third] = err.trim().split("\n");
    expect(first).toMatch(new RegExp(`^${bad}:1:10: .*did you mean strict\\?$`));
    expect(second).toMatch(new RegExp(`^${bad}:2:1: unknown key wavers; did you mean waivers\\?$`));
    expect(third).toMatch(/none\.yaml: ENOENT/);
  });
});

describe("sixray rules", () => {
  test("lists them, and tells one in full", async () => {
    expect((await sixray("rules")).out.split("\n").length).toBeGreaterThan(5);
    const { out } = await sixray("rules", "ipv6-router-advertisements");
    expect(out).toMatch(/options {7}dhcpv6: /);
    expect(out).toMatch(/CIS Ubuntu Linux 24\.04 LTS Benchmark v1\.0\.0 3\.3\.11/);
    expect(out).toBe((await sixray("explain", "ipv6-router-advertisements")).out);
  });

  test("an unknown one is a usage error with a suggestion", async () => {
    expect(await sixray("rules", "ipv6-firewall-presnt")).toMatchObject({
      code: 2,
      err: expect.stringContaining("did you mean ipv6-firewall-present?"),
    });
  });
});

describe("sixray scan --policy", () => {
  const on = join(IMAGES, "on.qcow2");
  const scan = (...argv: readonly string[]): Promise<Outcome> => sixray("scan", "-q", ...argv);

  test.each([
    ["dual-stack-with-firewall", "on.qcow2", 1, /IPv6 is on, and no enabled service filters it/],
    ["strict", "off-sysctl.qcow2", 1, /IPv6 is off, but its stack is there/],
    ["strict", "off-cmdline.qcow2", 0, /1 pass/],
  ] as const)("%s on %s exits %i", async (policy, image, code, says) => {
    const ran = await scan("--policy", policy, join(IMAGES, image));
    expect(ran.code).toBe(code);
    expect(ran.out.replace(/\s+/g, " ")).toMatch(says);
  });

  test("a waiver that holds: waived, and exit 0", async () => {
    const ran = await scan("--policy", file("w.yaml", waived("9999-12-31")), on, "-f", "json");
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(ran.out)).toMatchObject({
      results: [
        {
          policy: "w",
          verdict: "waived",
          findings: [{ outcome: "fail", waiver: { id: "W-1", state: "applies" } }],
        },
      ],
    });
  });

  test("a waiver that has run out: flagged, and it says so", async () => {
    const ran = await scan("--policy", file("old.yaml", waived("2020-12-31")), on);
    expect(ran.code).toBe(1);
    expect(ran.out.replace(/\s+/g, " ")).toContain("the waiver W-1 expired on 2020-12-31");
  });

  test("a waiver that nothing is for: a warning", async () => {
    const ran = await scan("--policy", file("idle.yaml", waived("9999-12-31", "o?f*")), on);
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("the waiver W-1 is unused") });
  });

  test.each([
    [
      "a malformed file",
      "extends: cis\nwaivers: [{}]\n",
      /^sixray: usage: .*bad\.yaml:2:11: .* \(and \d more: sixray policy validate .*bad\.yaml\)\n$/,
    ],
    ["no text", "\xff\xfe", /bad\.yaml/],
  ])("%s fails closed", async (_, text, says) => {
    const ran = await scan("--policy", file("bad.yaml", text), on);
    expect(ran).toMatchObject({ code: 2, out: "", err: expect.stringMatching(says) });
  });

  test("a name that is no policy suggests one", async () => {
    expect(await scan("--policy", "strickt", on)).toMatchObject({
      code: 2,
      err: expect.stringContaining("did you mean strict?"),
    });
  });

  test("--config names targets and a policy, relative to itself", async () => {
    mkdirSync(join(folder, "site"), { recursive: true });
    file("site/w.yaml", waived("9999-12-31"));
    const config = file("site/sixray.yaml", `policy: w.yaml\ntargets: [${JSON.stringify(on)}]\n`);
    expect((await scan("--config", config)).code).toBe(0);
    expect((await scan("--config", file("site/bad.yaml", "target: [x]\n"))).err).toMatch(/bad\.yaml:1:1: /);
    expect(await scan()).toMatchObject({ code: 2, err: expect.stringContaining("name a target") });
  });
});
