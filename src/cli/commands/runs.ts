import { ScanError } from "../../errors.ts";
import type { Run, RunImage } from "../../ledger/ledger.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { chooseLedger } from "../ledger.ts";
import type { Terminal } from "../terminal.ts";
import { type LedgerReadOptions, parseLimit } from "./history.ts";

export async function runsCommand(
  id: string | undefined,
  options: LedgerReadOptions,
  terminal: Terminal,
): Promise<number> {
  const limit = parseLimit(options.limit);
  const ledger = await chooseLedger(options.state);
  try {
    if (id === undefined) {
      const runs = await ledger.runs(limit);
      await terminal.out(runs.map((run) => `${options.json ? runJson(run) : runLine(run)}\n`).join(""));
      return EXIT.pass;
    }
    if (!(await ledger.run(id)))
      throw new ScanError("usage", `no run ${id} in ${ledger.where}: "sixray runs" lists them`);
    for await (const image of ledger.imagesOf(id))
      await terminal.out(`${options.json ? imageJson(image) : imageLine(image)}\n`);
    return EXIT.pass;
  } finally {
    await ledger.close();
  }
}

function runLine({
  id,
  finishedAt,
  enumerated,
  scanned,
  known,
  failed,
  exitCode,
  policy,
  source,
  shard,
}: Run): string {
  const end = finishedAt
    ? `${enumerated} images: ${scanned} scanned, ${known} known, ${failed} failed; exit ${exitCode ?? "?"}`
    : "not finished";
  return `${id}  ${end}  (${escapeText(source)}${shard === "" ? "" : `, part ${shard}`}, policy ${escapeText(policy)})`;
}

function runJson(run: Run): string {
  const { policyDocument: _, ...shown } = run;
  return JSON.stringify(shown);
}

function imageLine({ image, outcome, verdict, reason }: RunImage): string {
  return `${outcome.padEnd(8)} ${verdict.padEnd(10)} ${escapeText(image.id)}: ${escapeText(reason)}`;
}

function imageJson(image: RunImage): string {
  const { result: _, ...shown } = image;
  return JSON.stringify(shown);
}
