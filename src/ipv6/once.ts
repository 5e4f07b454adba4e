import type { BootFacts } from "../model/boot.ts";
import type { Observations } from "../model/observations.ts";

/**
 * Remembers what a pure function made of observations: what the last round of an extraction asked for is what the
 * evaluation asks for again.
 */
export function once<Made>(
  make: (observations: Observations, boot: BootFacts) => Made,
): (observations: Observations, boot: BootFacts) => Made {
  const known = new WeakMap<Observations, { readonly boot: BootFacts; readonly made: Made }>();
  return (observations, boot) => {
    const before = known.get(observations);
    if (before?.boot === boot) return before.made;
    const made = make(observations, boot);
    known.set(observations, { boot, made });
    return made;
  };
}
