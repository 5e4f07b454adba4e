import type { FinishOptions } from "../fleet/finish.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { parseFailOn } from "./judging.ts";

/**
 * The exit code of a run. What nobody looked at outranks everything, and a run without any image has passed nothing; of
 * targets that were enqueued with different words, the one that fails most counts.
 */
export const fleetExitCode: FinishOptions["exitCode"] = ({ verdicts, waiting, unlisted }, fails) => {
  if (waiting > 0 || unlisted > 0 || verdicts.size === 0) return EXIT.incomplete;
  const codes = fails.map(({ failOn, strict }) =>
    exitCodeOf([...verdicts.keys()], { failOn: parseFailOn(failOn), strict }),
  );
  return Math.max(EXIT.pass, ...codes);
};
