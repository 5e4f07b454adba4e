import type { FlatFiles } from "../../support/machine.ts";
import { random } from "../../support/mutate.ts";

export type Dice = <Choice>(choices: readonly Choice[]) => Choice;
/** A name for each part, so that one knows what a machine is made of. */
export type Part = readonly [name: string, files: FlatFiles];

export const OWN = "/etc/systemd/system";
export const WANTS: string = `${OWN}/multi-user.target.wants`;
export const LIB = "/usr/lib/systemd/system";

/** The same seed, the same throws. */
export function diceOf(seed: number): Dice {
  // Seeds that lie close together are to give different machines.
  const next = random(Math.imul(seed, 0x9e3779b1));
  for (let warm = 0; warm < 16; warm++) next();
  return (choices) => {
    const found = choices[Math.floor(next() * choices.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
}

/** Links that have systemd start the units. */
export function enabled(...units: readonly string[]): FlatFiles {
  return Object.fromEntries(units.map((one) => [`${WANTS}/${one}`, { link: `${LIB}/${one}` }]));
}
