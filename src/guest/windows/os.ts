import type { OsInfo } from "../../model/image.ts";
import type { RegistrySnapshot, RegistryWant } from "../../model/registry.ts";

const CURRENT_VERSION: RegistryWant = {
  hive: "SOFTWARE",
  key: "Microsoft\\Windows NT\\CurrentVersion",
  values: ["ProductName", "EditionID", "DisplayVersion", "ReleaseId", "CurrentBuild", "UBR"],
};

/** Edition and build of a Windows, from its SOFTWARE hive. */
export const windowsVersion: {
  readonly wants: readonly RegistryWant[];
  read(registry: RegistrySnapshot): OsInfo;
} = {
  wants: [CURRENT_VERSION],
  read(registry) {
    const seen = registry.get("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion");
    const fields = new Map<string, string>();
    if (seen?.state === "found")
      for (const { name, data } of seen.value.values)
        if (data.kind === "text" || data.kind === "number")
          fields.set(name.toLowerCase(), String(data.value));
    const build = Number(fields.get("currentbuild") ?? 0);
    // Windows 11 still calls itself Windows 10 here.
    const product = fields
      .get("productname")
      ?.replace(/^Windows 10\b/, build >= 22_000 ? "Windows 11" : "Windows 10");
    const release = fields.get("displayversion") ?? fields.get("releaseid");
    const version = [fields.get("currentbuild"), fields.get("ubr")]
      .filter((part) => part !== undefined)
      .join(".");
    return {
      id: "windows",
      version,
      name: product === undefined ? "Windows" : [product, release].filter(Boolean).join(" "),
      type: "windows",
      like: [],
    };
  },
};
