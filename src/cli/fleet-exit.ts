import type { Plan } from "../fleet/jobs.ts";
import type { Standing } from "../ledger/ledger.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { parseFailOn } from "./judging.ts";

/** The exit code of a run. An image that nobody looked at outranks everything; a run without any has passed nothing. */
export function fleetExitCode(
  { verdicts, waiting }: Standing,
  { failOn, strict }: Pick<Plan, "failOn" | "strict">,
): number {
  if (waiting > 0 || verdicts.size === 0) return EXIT.incomplete;
  return exitCodeOf([...verdicts.keys()], { failOn: parseFailOn(failOn), strict });
}
