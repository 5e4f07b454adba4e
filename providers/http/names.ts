const IMAGE =
  /\.(?:qcow2?c?|img|raw|vmdk|vhdx?|ova|vdi)(?:\.(?:xz|gz|zst|bz2))?$|(?:rootfs|root|disk|vhd|layer)[\w.-]*\.tar(?:\.(?:xz|gz|zst|bz2))?$/i;
const ARCH =
  /(?:^|[._-])(amd64|x86_64|x86-64|arm64|aarch64|ppc64el|ppc64le|s390x|riscv64|armhf|armv7|i386|i686)(?=[._-]|$)/i;
const SAME_ARCH: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  ppc64le: "ppc64el",
};
/** `20261110`, `2026-11-10`, as a date of this century. */
const DATE = /(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d{3})/;

export function isImageName(name: string): boolean {
  return IMAGE.test(name);
}

/** What the name of an image file tells: the usual habit of distributions, not a rule. */
export function aboutName(path: string): {
  readonly name: string;
  readonly family: string;
  readonly date?: string;
  readonly arch?: string;
} {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const date = dateIn(name);
  const arch = ARCH.exec(name)?.[1]?.toLowerCase();
  return {
    name,
    family: name
      .replace(/(?<=.)\.(?:tar\.)?[a-z]\w*(?:\.(?:xz|gz|zst|bz2))?$/i, "")
      .replace(new RegExp(`[._-]?${DATE.source}(?:[._-]\\d+)*`), ""),
    ...(date === undefined ? {} : { date }),
    ...(arch === undefined ? {} : { arch: SAME_ARCH[arch] ?? arch }),
  };
}

/** The first date in a text, as `2026-11-10`. */
export function dateIn(text: string): string | undefined {
  const [, year, month, day] = DATE.exec(text) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}`;
}

/** An address as it may be printed and kept: a query may be a signature. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
