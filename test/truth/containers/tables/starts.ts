import type { FlatFiles } from "../../../support/machine.ts";
import { type Dice, enabled, LIB, OWN, type Part, WANTS } from "../dice.ts";

/** A unit of the machine's own that does nothing itself. */
function idle(section = "", more = ""): string {
  return `[Unit]\n${section}[Service]\nType=oneshot\nExecStart=/bin/true\n${more}`;
}

/** How systemd comes to start a unit of a package, or what only looks as if it did. */
export function started(dice: Dice, unit: string): Part {
  const [name, files] = dice(ways(unit));
  const [held, more] = dice<Part>([...Array.from({ length: 8 }, (): Part => ["", {}]), ...holds(unit)]);
  return [[name, held].filter((one) => one !== "").join(", "), { ...files, ...more }];
}

export function ways(unit: string): readonly Part[] {
  const link = { link: `${LIB}/${unit}` };
  const own = `${OWN}/own-start.service`;
  const viaOwn = (text: string): FlatFiles => ({
    [own]: text,
    [`${WANTS}/own-start.service`]: { link: own },
  });
  return [
    ["multi-user", enabled(unit)],
    ["multi-user", enabled(unit)],
    ["graphical", { [`${OWN}/graphical.target.wants/${unit}`]: link }],
    ["default.target.wants", { [`${OWN}/default.target.wants/${unit}`]: link }],
    ["what multi-user requires", { [`${OWN}/multi-user.target.requires/${unit}`]: link }],
    ["what multi-user upholds", { [`${OWN}/multi-user.target.upholds/${unit}`]: link }],
    ["sysinit", { [`${OWN}/sysinit.target.wants/${unit}`]: link }],
    ["basic", { [`${OWN}/basic.target.wants/${unit}`]: link }],
    ["timers", { [`${OWN}/timers.target.wants/${unit}`]: link }],
    ["getty.target", { [`${OWN}/getty.target.wants/${unit}`]: link }],
    ["network-pre", { [`${OWN}/network-pre.target.wants/${unit}`]: link }],
    ["network.target", { [`${OWN}/network.target.wants/${unit}`]: link }],
    ["rescue", { [`${OWN}/rescue.target.wants/${unit}`]: link }],
    ["shutdown", { [`${OWN}/shutdown.target.wants/${unit}`]: link }],
    ["a link to nothing", { [`${WANTS}/${unit}`]: { link: "/nowhere" } }],
    ["a link to /dev/null", { [`${WANTS}/${unit}`]: { link: "/dev/null" } }],
    ["a file instead of a link", { [`${WANTS}/${unit}`]: "" }],
    ["a relative link", { [`${WANTS}/${unit}`]: { link: `../../../../usr/lib/systemd/system/${unit}` } }],
    ["a link of another name", { [`${WANTS}/own-name.service`]: link }],
    ["an alias that is wanted", { [`${OWN}/own-name.service`]: link, [`${WANTS}/own-name.service`]: link }],
    ["an alias that nothing wants", { [`${OWN}/own-name.service`]: link }],
    ["a copy in /etc", { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nUpholds=${unit}\n` }],
    ["multi-user.target.d Requires", { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nRequires=${unit}\n` }],
    ["multi-user.target.d BindsTo", { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nBindsTo=${unit}\n` }],
    ["multi-user.target.d After", { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nAfter=${unit}\n` }],
    [
      "multi-user.target.d Requisite",
      { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nRequisite=${unit}\n` },
    ],
    ["target.d for all targets", { [`${OWN}/target.d/a.conf`]: `[Unit]\nWants=${unit}\n` }],
    [
      "several on a line",
      { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nWants=own-a.service \\\n  ${unit}\n` },
    ],
    ["taken back", { [`${OWN}/multi-user.target.d/a.conf`]: `[Unit]\nWants=${unit}\nWants=\n` }],
    ["a drop-in of logind", { [`${OWN}/systemd-logind.service.d/a.conf`]: `[Unit]\nWants=${unit}\n` }],
    ["a drop-in of the journal", { [`${OWN}/systemd-journald.service.d/a.conf`]: `[Unit]\nWants=${unit}\n` }],
    ["wants of a socket", { [`${OWN}/dbus.socket.wants/${unit}`]: link }],
    ["a unit's Wants", viaOwn(idle(`Wants=${unit}\n`))],
    ["a unit's Requires", viaOwn(idle(`Requires=${unit}\nAfter=${unit}\n`))],
    ["a unit's After", viaOwn(idle(`After=${unit}\n`))],
    ["a unit's PartOf", viaOwn(idle(`PartOf=${unit}\n`))],
    ["a unit's Conflicts", { ...viaOwn(idle(`Conflicts=${unit}\n`)), ...enabled(unit) }],
    ["a unit whose condition fails", viaOwn(idle(`Wants=${unit}\nConditionPathExists=/nowhere\n`))],
    ["OnSuccess", viaOwn(idle(`OnSuccess=${unit}\n`))],
    ["OnFailure of what does well", viaOwn(idle(`OnFailure=${unit}\n`))],
    ["OnFailure of what fails", viaOwn(idle(`OnFailure=${unit}\n`).replace("/bin/true", "/bin/false"))],
    ["JoinsNamespaceOf", viaOwn(idle(`JoinsNamespaceOf=${unit}\n`))],
    ["PropagatesStopTo", viaOwn(idle(`PropagatesStopTo=${unit}\n`))],
    ["a unit with Also", viaOwn(idle("", `[Install]\nAlso=${unit}\n`))],
    [
      "a template",
      {
        [`${OWN}/own-start@.service`]: idle("Wants=%i.service\n"),
        [`${WANTS}/own-start@${unit.replace(/\.service$/, "").replaceAll("-", "\\x2d")}.service`]: {
          link: `${OWN}/own-start@.service`,
        },
        [`${WANTS}/own-start@${unit.replace(/\.service$/, "")}.service`]: {
          link: `${OWN}/own-start@.service`,
        },
      },
    ],
    [
      "a target of one's own",
      {
        [`${OWN}/own.target`]: "[Unit]\nDescription=own\n",
        [`${OWN}/own.target.wants/${unit}`]: link,
        [`${WANTS}/own.target`]: { link: `${OWN}/own.target` },
      },
    ],
    [
      "a target that nothing wants",
      { [`${OWN}/own.target`]: `[Unit]\nWants=${unit}\n`, [`${OWN}/own.target.wants/${unit}`]: link },
    ],
    [
      "a default target of one's own",
      {
        [`${OWN}/own.target`]: `[Unit]\nRequires=multi-user.target\nAfter=multi-user.target\nWants=${unit}\nAllowIsolate=yes\n`,
        [`${OWN}/default.target`]: { link: `${OWN}/own.target` },
      },
    ],
    [
      "a timer",
      {
        [`${OWN}/own.timer`]: `[Timer]\nOnBootSec=1s\nAccuracySec=100ms\nUnit=${unit}\n`,
        [`${OWN}/timers.target.wants/own.timer`]: { link: `${OWN}/own.timer` },
      },
    ],
    [
      "a path",
      {
        [`${OWN}/own.path`]: `[Path]\nPathExistsGlob=/etc/pass*\nUnit=${unit}\n`,
        [`${OWN}/paths.target.wants/own.path`]: { link: `${OWN}/own.path` },
      },
    ],
    ["systemctl", viaOwn(idle().replace("/bin/true", `/bin/systemctl --no-block start ${unit}`))],
    ["busctl", viaOwn(idle().replace("/bin/true", `/bin/sh -c 'systemctl start ${unit} --no-block'`))],
    ["nothing", {}],
    ["nothing", {}],
  ];
}

/** What keeps an enabled unit from running, or only looks so. */
export function holds(unit: string): readonly Part[] {
  const dropIn = (text: string, folder = `${unit}.d`): FlatFiles => ({ [`${OWN}/${folder}/own.conf`]: text });
  const condition = (line: string): Part => [line, dropIn(`[Unit]\n${line}\n`)];
  const prefix = `${unit.slice(0, unit.indexOf("-") + 1)}.service.d`;
  return [
    condition("ConditionPathExists=/nowhere"),
    condition("ConditionPathExists=!/nowhere"),
    condition("ConditionPathExists=|/nowhere"),
    condition("ConditionPathExists=/nowhere\nConditionPathExists="),
    condition("ConditionPathExists=|/nowhere\nConditionPathExists=|/etc/passwd"),
    condition("ConditionFileNotEmpty=/etc/passwd"),
    condition("ConditionDirectoryNotEmpty=/etc/nowhere"),
    condition("ConditionPathIsSymbolicLink=/etc/os-release"),
    condition("ConditionPathExistsGlob=/etc/pass*"),
    condition("ConditionKernelCommandLine=no.such.argument"),
    condition("ConditionKernelCommandLine=!no.such.argument"),
    condition("ConditionFirstBoot=yes"),
    condition("ConditionHost=nowhere"),
    condition("ConditionUser=root"),
    condition("ConditionUser=!root"),
    condition("AssertPathExists=/nowhere"),
    condition("ConditionSecurity=selinux"),
    condition("ConditionNeedsUpdate=/etc"),
    ["all services: a condition", dropIn("[Unit]\nConditionPathExists=/nowhere\n", "service.d")],
    ...(prefix.startsWith(".")
      ? []
      : [["by prefix", dropIn("[Unit]\nConditionPathExists=/nowhere\n", prefix)] as const]),
    ["ExecCondition", dropIn("[Service]\nExecCondition=/bin/false\n")],
    ["ExecStartPre fails", dropIn("[Service]\nExecStartPre=/bin/false\n")],
    ["ExecStartPre may fail", dropIn("[Service]\nExecStartPre=-/bin/false\n")],
    ["ExecStart is another", dropIn("[Service]\nExecStart=\nExecStart=/bin/sleep infinity\n")],
    ["ExecStart is taken away", dropIn("[Service]\nExecStart=\n")],
    ["another Type", dropIn("[Service]\nType=simple\n")],
    ["an empty drop-in", dropIn("")],
    ["a drop-in to /dev/null", { [`${OWN}/${unit}.d/own.conf`]: { link: "/dev/null" } }],
    ["an empty unit in /etc", { [`${OWN}/${unit}`]: "" }],
    ["masked in /usr/local", { [`/usr/local/lib/systemd/system/${unit}`]: { link: "/dev/null" } }],
    ["requires what is not there", dropIn("[Unit]\nRequires=no-such.service\nAfter=no-such.service\n")],
    ["wants what is not there", dropIn("[Unit]\nWants=no-such.service\n")],
    [
      "requires what is masked",
      {
        ...dropIn("[Unit]\nRequires=own-masked.service\n"),
        [`${OWN}/own-masked.service`]: { link: "/dev/null" },
      },
    ],
    [
      "after what never ends",
      {
        ...dropIn("[Unit]\nAfter=own-slow.service\n"),
        [`${OWN}/own-slow.service`]: idle().replace("/bin/true", "/bin/sleep 2"),
      },
    ],
    [
      "bound to a device",
      dropIn(
        "[Unit]\nBindsTo=sys-subsystem-net-devices-eth7.device\nAfter=sys-subsystem-net-devices-eth7.device\n",
      ),
    ],
    ["without permission", dropIn("[Service]\nCapabilityBoundingSet=\nAmbientCapabilities=\n")],
    ["in a network of its own", dropIn("[Service]\nPrivateNetwork=yes\n")],
  ];
}
