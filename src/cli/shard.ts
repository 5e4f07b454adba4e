import { ScanError } from "../errors.ts";
import type { ReportPart } from "../model/report.ts";

/** `2/5`: the second of five parts. */
export type Shard = ReportPart;

const COUNT_MAX = 256;

export function parseShard(text: string): Shard {
  const [, index = "", count = ""] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index === "" || shard.index < 1 || shard.index > shard.count || shard.count > COUNT_MAX)
    throw new ScanError("usage", `a shard is i/n, such as 2/5, with n up to ${COUNT_MAX}`);
  return shard;
}
