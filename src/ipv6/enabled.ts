import type { Observations } from "../model/observations.ts";

const UNITS = "/etc/systemd/system";
const ENABLED = "multi-user.target.wants";

/**
 * Nothing is enabled in /etc for the usual goal. So it is in images made of container images, whose recipes also
 * remove vendors' links in /usr; elsewhere those are as the packages have them, and a look would cost two rounds.
 */
export function enablesNothing(observations: Observations): boolean {
  const units = observations.list(UNITS);
  if (units.state === "absent") return true;
  if (units.state === "unreadable") return false;
  if (!units.value.some(({ name }) => name === ENABLED)) return true;
  const enabled = observations.list(`${UNITS}/${ENABLED}`);
  return enabled.state === "found" && enabled.value.length === 0;
}
