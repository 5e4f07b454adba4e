/** Whoever says so in a name is not skipped. */
const SPEAKING = /ipv?6|disable|harden|(?<!systemd-)sysctl/i;

/** Names that are known, and beginnings of names. */
export interface Shipped {
  readonly names: ReadonlySet<string>;
  readonly beginnings: readonly string[];
}

/** Words of `lines`; one that ends in `*` is the beginning of names. A long regular expression would take longer to compile. */
export function shippedNames(...lines: readonly string[]): Shipped {
  const words = lines.join(" ").split(" ");
  const isBeginning = (word: string): boolean => word.endsWith("*");
  return {
    names: new Set(words.filter((word) => !isBeginning(word))),
    beginnings: words.filter(isBeginning).map((word) => word.slice(0, -1)),
  };
}

/** Not what distributions and clouds bring under that name, or worth a look all the same. */
export function isOdd(name: string, { names, beginnings }: Shipped): boolean {
  if (SPEAKING.test(name)) return true;
  return !names.has(name) && !beginnings.some((one) => name.startsWith(one));
}
