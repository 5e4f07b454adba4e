import { splitPath } from "../disk/filesystems/path.ts";

/** One line of /etc/fstab that says where something is mounted. Source: fstab(5). */
export interface FstabEntry {
  /** `UUID=...`, `LABEL=...`, `/dev/vda1`, with quotes removed. */
  readonly device: string;
  /** Without a trailing slash, `.` and `..`; `/` for the root. */
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
      path: normalPath(unescapeField(path)),
      type: unescapeField(type),
      options: options.split(",").map(unescapeField),
      line: index + 1,
    };
  });
}

/**
 * Mounted while the machine comes up, or when somebody first looks there. Of `auto` and `noauto` the last counts.
 * Source: systemd.mount(5), "fstab".
 */
export function isMounted({ options }: FstabEntry): boolean {
  const last = options.findLast((option) => option === "auto" || option === "noauto");
  return last !== "noauto" || options.some((option) => AUTOMOUNT.has(option));
}

const AUTOMOUNT = new Set(["x-systemd.automount", "comment=systemd.automount"]);

/** A folder that is to be seen in a second place. */
export function isBind({ options }: FstabEntry): boolean {
  return options.some((option) => option === "bind" || option === "rbind");
}

function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of splitPath(path)) {
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** `\040` is a space: getmntent(3). */
function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
