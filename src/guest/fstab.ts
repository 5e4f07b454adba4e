/** One line of /etc/fstab that says where something is mounted. Source: fstab(5). */
export interface FstabEntry {
  /** `UUID=...`, `LABEL=...`, `/dev/vda1`, with quotes removed. */
  readonly device: string;
  /** Without a trailing slash; `/` for the root. */
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
  /** 1-based. */
  readonly line: number;
}

/** Every mount of an fstab; comments, swap and `none` lines left out. */
export function parseFstab(text: string): readonly FstabEntry[] {
  return text.split("\n").flatMap((raw, index) => {
    const fields = raw.trim().split(/\s+/);
    const [device = "", path = "", type = "auto", options = "defaults"] = fields;
    if (device === "" || device.startsWith("#") || !path.startsWith("/")) return [];
    return {
      device: unescapeField(device).replace(/^([A-Z]+=)(["'])(.*)\2$/, "$1$3"),
      path: unescapeField(path).replace(/(?<=.)\/+$/, ""),
      type,
      options: options.split(","),
      line: index + 1,
    };
  });
}

/** `\040` is a space: getmntent(3). */
function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
