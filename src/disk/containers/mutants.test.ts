import { expect, test } from "vitest";
import { target as qcow2 } from "../../../test/fuzz/qcow2.ts";
import { target as vdi } from "../../../test/fuzz/vdi.ts";
import { target as vhd } from "../../../test/fuzz/vhd.ts";
import { target as vhdx } from "../../../test/fuzz/vhdx.ts";
import { target as vmdk } from "../../../test/fuzz/vmdk.ts";
import { tryMutants } from "../../../test/support/mutate.ts";
import { memorySource } from "../bytes/byte-source.ts";

/** Mutants a seed; `SIXRAY_MUTANTS` asks for more. */
const MUTANTS = Number(process.env.SIXRAY_MUTANTS ?? 0);

test.each([
  [qcow2, 600],
  [vmdk, 300],
  [vhd, 400],
  [vhdx, 60],
  [vdi, 500],
] as const)(
  "mutants give bytes or an error that names its place: $name",
  { timeout: 3_600_000 },
  async (target, few) => {
    let mutants = 0;
    let refused = 0;
    for (const { bytes, hot = [] } of await target.seeds()) {
      await target.read(memorySource(bytes, "seed"));
      const count = await tryMutants(bytes, (source) => target.read(source), { count: MUTANTS || few, hot });
      mutants += count.mutants;
      refused += count.refused;
    }
    console.log(`${target.name}: ${mutants} mutants, ${refused} refused`);
    expect(refused).toBeGreaterThan(mutants / 20);
    expect(refused).toBeLessThan(mutants);
  },
);
