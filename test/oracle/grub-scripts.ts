const VALUES = [
  "",
  "a",
  "b",
  "a b",
  " lead",
  "trail ",
  "x=y",
  "0",
  "1",
  "'",
  '"',
  "\\",
  "*",
  "ipv6.disable=1",
];
const NAMES = ["a", "b", "c", "d"];

/** A random script of what grub-mkconfig and people write, ending in an entry that shows every variable. */
export function generateScript(next: () => number): string {
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(next() * from.length)];
    if (one === undefined) throw new Error("nothing to pick from");
    return one;
  };
  const literal = (): string => {
    const value = pick(VALUES);
    return pick([
      () => `"${value.replace(/[\\"$]/g, "\\$&")}"`,
      () => `'${value.replaceAll("'", "x")}'`,
      () => value.replace(/[^A-Za-z0-9=.]/g, "\\$&"),
    ])();
  };
  const reference = (): string => {
    const name = pick(NAMES);
    return pick([`$${name}`, `\${${name}}`, `"$${name}"`, `"\${${name}}-x"`, `p$${name}`]);
  };
  const word = (): string => (next() < 0.5 ? literal() : reference());
  const words = (): string =>
    Array.from({ length: 1 + Math.floor(next() * 3) }, word).join(next() < 0.2 ? "" : " ");
  const test = (): string =>
    pick([
      () => `[ ${word()} = ${word()} ]`,
      () => `[ "${pick(["$a", "$b"])}" != ${literal()} ]`,
      () => `[ -n "$${pick(NAMES)}" -a -z "$${pick(NAMES)}" ]`,
      () => `[ -z ${word()} -o ${word()} ]`,
      () => `[ ! ${word()} ]`,
      () => `[ ( x$a = x -o y = y ) -a ! $b ]`,
      () => `test ${word()} -lt ${pick(["1", "2", "0x3"])}`,
      () => pick(["true", "false", "! true", "! false"]),
      () => `f ${words()}`,
    ])();
  const statement = (depth: number): string => {
    if (depth === 0 || next() < 0.5) {
      return pick([
        () => `set ${pick(NAMES)}=${words()}`,
        () => `${pick(NAMES)}=${word()}`,
        () =>
          `set ${pick(NAMES)}="${pick(["$a", "$?", "$c", "$1"])}${pick(VALUES).replace(/[\\"$]/g, "\\$&")}"`,
        () => `unset ${pick(NAMES)}`,
        () => `f ${words()}`,
        () => test(),
      ])();
    }
    const inner = (): string => statement(depth - 1);
    return pick([
      () => `if ${test()}; then\n${inner()}\nfi`,
      () => `if ${test()}; then ${inner()}; else ${inner()}; fi`,
      () => `if ${test()}\nthen ${inner()}\nelif ${test()}; then\n  ${inner()}\nelse\n${inner()}\nfi`,
      () => `for i in ${words()}; do ${inner()}; set d="$d$i"; done`,
      () => `for i in 1 2 3; do if ${test()}; then ${pick(["break", "continue"])}; fi; ${inner()}; done`,
      () =>
        `while ! test "$${pick(NAMES)}" = 1; do ${inner()}; unset n; ${pick(NAMES)}=1; if [ -n "$w" ]; then break; fi; set w=$?; done; set d=$?`,
      () => `${inner()}; ${inner()}`,
    ])();
  };
  const body = Array.from({ length: 6 + Math.floor(next() * 8) }, () => statement(3)).join("\n");
  const shown = NAMES.map((name) => `"${name}=[$${name}]"`).join(" ");
  return `function f { set c="$1/$#"; [ ${word()} = ${word()} ]; }
${body}
menuentry e { linux /boot/k ${shown} $a $b end }`;
}
