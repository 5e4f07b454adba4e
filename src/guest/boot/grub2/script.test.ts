import { describe, expect, test } from "vitest";
import { filesOf, GRUB_CASES } from "../../../../test/oracle/grub-cases.ts";
import { generateScript } from "../../../../test/oracle/grub-scripts.ts";
import { booted } from "../../../../test/support/booted.ts";
import { random, tryMutants } from "../../../../test/support/mutate.ts";

describe("scripts as GRUB ran them", () => {
  test.for(GRUB_CASES)("$name", async (one) => {
    expect((await booted(filesOf(one))).cmdline).toBe(one.cmdline);
  });
});

async function cmdline(cfg: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const facts = await booted({ "/boot/grub/grub.cfg": cfg, ...more });
  return facts.cmdline ?? `? ${facts.cmdlineUnknown}`;
}

describe("what only the running machine knows", () => {
  const entry = "menuentry a { linux /k $x end }";
  test.for([
    [
      "does not matter when both ways lead to the same",
      `if loadfont u; then set gfx=1; else set gfx=2; fi\n${entry}`,
      "end",
    ],
    [
      "is told when it could disable IPv6",
      `if cpuid -l; then set x=ipv6.disable=1; fi\n${entry}`,
      /^\? .*ipv6\.disable=1/,
    ],
    ["is passed over when no way of it matters", `if cpuid -l; then set x=quiet; fi\n${entry}`, "quiet end"],
    [
      "is a value in a harmless parameter",
      `probe --set=x -u $root\nmenuentry a { linux /k root=UUID="$x" }`,
      "root=UUID=?",
    ],
    [
      "may be more than a value when not quoted",
      `probe --set=x -u $root\nmenuentry a { linux /k root=UUID=$x }`,
      /^\? /,
    ],
    [
      "must be known in parameters of IPv6",
      `probe --set=x -u $root\nmenuentry a { linux /k ipv6.disable="$x" }`,
      /^\? /,
    ],
    [
      "may choose the entry",
      `if cpuid -l; then set default=1; fi\nmenuentry a { linux /k ipv6.disable=1 }\nmenuentry b { linux /k }`,
      /^\? .*"a" \(ipv6\.disable=1\), "b"/,
    ],
    [
      "may choose among entries that are alike",
      `if cpuid -l; then set default=1; fi\nmenuentry a { linux /k q }\nmenuentry b { linux /k q }`,
      "q",
    ],
    [
      "may add entries in front",
      `if cpuid -l; then\nmenuentry x { linux /k ipv6.disable=1 }\nfi\n${entry}`,
      /^\? /,
    ],
    [
      "may add entries behind",
      `${entry}\nif cpuid -l; then\nmenuentry x { linux /k ipv6.disable=1 }\nfi`,
      "end",
    ],
    ["may decide whether anything boots", `menuentry a { if cpuid -l; then linux /k a; fi; }`, /^\? /],
    ["may be in a loop", `while cpuid -l; do set x=1; done\n${entry}`, /^\? /],
    [
      "may be the command",
      `if cpuid -l; then set l=linux; else set l=linux16; fi\nmenuentry a { $l /k end }`,
      "end",
    ],
  ] as const)("%s", async ([, cfg, wanted]) => {
    const found = await cmdline(cfg);
    if (typeof wanted === "string") expect(found).toBe(wanted);
    else expect(found).toMatch(wanted);
  });

  test("a mark from the image itself is no unknown value", async () => {
    expect(await cmdline("menuentry a { linux /k a\u{F0000}b }")).toBe("a\uFFFDb");
  });
});

describe("what is not followed is said", () => {
  test.for([
    ["another loader", "menuentry a { chainloader /EFI/x.efi }", /starts something else: chainloader/],
    ["the firmware", "menuentry a { fwsetup }", /leaves GRUB/],
    ["a hypervisor", "menuentry a { multiboot2 /xen.gz; module2 /k ro }", /multiboot2/],
    ["endless loops", "while true; do set a=1; done", /without end/],
    ["endless recursion", "function f { f; }\nf", /too deeply/],
    ["a file that sources itself", "source $prefix/grub.cfg", /too deeply/],
    ["a submenu in itself", "submenu a { source $prefix/grub.cfg; }", /too deeply|without end/],
    ["values that double", `set a=xxxxxxxxxxxxxxxx\n${"set a=$a$a\n".repeat(20)}`, /beyond all bounds/],
    ["nesting", `${"if true; then\n".repeat(100)}`, /too deeply/],
  ] as const)("%s", async ([, cfg, reason]) => {
    expect((await booted({ "/boot/grub/grub.cfg": cfg })).cmdlineUnknown).toMatch(reason);
  });

  test("two configurations that disagree, and two that agree", async () => {
    const one = "menuentry a { linux /k a }";
    expect(await cmdline(one, { "/boot/grub2/grub.cfg": one })).toBe("a");
    expect(await cmdline(one, { "/boot/grub2/grub.cfg": "menuentry a { linux /k b }" })).toMatch(
      /different things/,
    );
  });
});

test("mutated configurations are answered or not, but never break the reader", async () => {
  const next = random(7);
  const texts = Array.from({ length: 12 }, () => generateScript(next));
  let told = 0;
  let mutants = 0;
  for (const text of texts) {
    const count = await tryMutants(
      new TextEncoder().encode(text), // a Buffer would be mutated in place
      async (source) => {
        const cfg = Buffer.from(await source.read(0, source.size)).toString("latin1");
        const facts = await booted({ "/boot/grub/grub.cfg": cfg });
        expect(facts.cmdline === undefined).toBe(facts.cmdlineUnknown !== undefined);
        if (facts.cmdline !== undefined) told++;
      },
      { count: 150, seed: 0x5eed + mutants },
    );
    expect(count.refused).toBe(0);
    mutants += count.mutants;
  }
  console.log(`grub.cfg: ${mutants} mutants, ${told} still boot`);
  expect(told).toBeGreaterThan(100);
});
