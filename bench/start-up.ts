import { wallTimes } from "./measure.ts";

/** Commands that do next to nothing: what is left is start-up, by what each has to load. */
const COMMANDS: readonly (readonly string[])[] = [
  ["--version"],
  ["--help"],
  ["rules"],
  ["policy", "list"],
  ["scan", "--help"],
  ["list", "--help"],
  ["watch", "--help"],
  ["fleet", "--help"],
  ["worker", "--help"],
];

export interface StartUp {
  readonly command: string;
  readonly ms: number;
  /** Of an empty Node process. */
  readonly ratio: number;
}

export function startUps(runs: number): readonly StartUp[] {
  const node = process.execPath;
  const times = wallTimes(
    [[node, "-e", "0"], ...COMMANDS.map((args): [string, ...string[]] => [node, "bin/sixray.js", ...args])],
    runs,
  );
  const empty = times[0]?.median ?? 1;
  return COMMANDS.map((args, at) => {
    const ms = times[at + 1]?.median ?? 0;
    return { command: `sixray ${args.join(" ")}`, ms, ratio: ms / empty };
  });
}
