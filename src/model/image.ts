/** One version of one base image of one provider. */
export interface ImageRef {
  /** Provider id: `file`, `http`, `aws`, `gcp`, `azure`. */
  readonly provider: string;
  /** What the provider calls this very image; for `file` the path as the user wrote it. */
  readonly id: string;
  readonly name: string;
  /** The line of images it belongs to; for `file` the file's base name without its extensions. */
  readonly family: string;
  /** When it was made, as `2026-11-10`, where the provider says so. */
  readonly date?: string;
  /** As Debian names it: `amd64`, `arm64`. */
  readonly arch?: string;
  readonly sizeBytes?: number;
  /** `sha256:` or `sha512:` and hexadecimal digits, as the provider declares it: not checked by itself. */
  readonly digest?: string;
  /** What the provider says boots from it; what is judged is what the disk holds. */
  readonly platform?: "linux" | "windows";
  readonly deprecated?: boolean;
  /** Region or location it was listed in. */
  readonly region?: string;
  /** Profile, subscription or project it is reached as, where there is a choice. */
  readonly account?: string;
  /** What else the provider says of it: generation, security type, plan. */
  readonly traits?: Readonly<Record<string, string>>;
  /** Who publishes it: an account id, a publisher, a project. */
  readonly owner?: string;
}

/** The operating system that would boot, from os-release or the registry. */
export interface OsInfo {
  /** os-release `ID` (`debian`, `rhel`), `windows`, or `unknown`. */
  readonly id: string;
  /** os-release `VERSION_ID`, empty when there is none (Debian sid). */
  readonly version: string;
  /** os-release `PRETTY_NAME`, or the best there is. */
  readonly name: string;
  readonly type: "linux" | "windows" | "unknown";
  /** os-release `ID_LIKE`, split. */
  readonly like: readonly string[];
}
