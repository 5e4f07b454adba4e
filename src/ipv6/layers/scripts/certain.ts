import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import { textFile } from "../../lines.ts";
import { switchCommand } from "../../switch-command.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const UNITS = "/etc/systemd/system/";
const RC_LOCAL = "/etc/rc.local";
/** Lines of a unit that leave no doubt of when it runs and what: anything else does. */
const PLAIN_LINE =
  /^\s*(?:[#;].*|\[\w+\]|(?:Description|Documentation|After|Before|Wants|WantedBy|RemainAfterExit|StandardOutput|SyslogIdentifier)=.*|Type=(?:oneshot|simple|exec))?\s*$/;
const EXEC = /^ExecStart=((?:\/\S*\/)?sysctl\s.*[^\\])$/;
const NO_COMMAND = /^\s*(?:#.*|exit\s+0|set\s+-e)?\s*$/;

/**
 * What a script or unit writes to all interfaces for certain, long after systemd-sysctl: an enabled unit that does
 * nothing else, an /etc/rc.local of nothing but such lines. Undefined where there is any doubt. Sources:
 * systemd.service(5), "Default Dependencies"; systemd-rc-local-generator(8).
 */
export function certainWrite(observations: Observations, boot: BootFacts, path: string): 0 | 1 | undefined {
  const file = textFile(observations, path);
  if (file.state !== "found" || file.truncated) return undefined;
  const lines = file.lines.map(({ text }) => text);
  if (path === RC_LOCAL)
    return isRcLocal(observations) ? lastOf(lines, NO_COMMAND, (text) => text) : undefined;
  if (!path.startsWith(UNITS) || path.indexOf("/", UNITS.length) > 0) return undefined;
  const name = path.slice(UNITS.length);
  const own = observations.list(UNITS.slice(0, -1));
  const dropIns = own.state !== "found" || own.value.some((one) => one.name === `${name}.d`);
  const starts = unitStart(observations, boot, name, [], NETWORK_TARGETS).state === "starts";
  if (dropIns || !starts || !name.endsWith(".service")) return undefined;
  return lastOf(lines, PLAIN_LINE, (text) => EXEC.exec(text)?.[1]);
}

function isRcLocal(observations: Observations): boolean {
  const file = observations.file(RC_LOCAL);
  const isExecutable = file.state === "found" && ((file.value.mode ?? 0) & 0o111) !== 0;
  return isExecutable && observations.file("/etc/rc.d/rc.local").state === "absent";
}

/** The value that all commands write to all interfaces; every other line has to be one that does nothing. */
function lastOf(
  lines: readonly string[],
  idle: RegExp,
  commandOf: (text: string) => string | undefined,
): 0 | 1 | undefined {
  const values = new Set<0 | 1 | undefined>();
  for (const text of lines) {
    if (idle.test(text)) continue;
    const command = switchCommand(commandOf(text) ?? "");
    if (command?.iface !== "default" || command.value === undefined)
      values.add(command?.iface === "all" ? command.value : undefined);
    else if (values.size > 0) values.add(command.value);
  }
  const [only] = values;
  return values.size === 1 ? only : undefined;
}
