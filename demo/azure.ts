/** Azure on this machine: lists, looks for permissions, scans by a temporary disk, kills a scan, sweeps. */
import type { ChildProcess } from "node:child_process";
import { FAMILY, IMAGE, sixrayIn, startCloud } from "../test/support/azure/cloud.ts";

const cloud = await startCloud("test/fixtures/images/on.qcow2");
let failed = false;

async function show(args: readonly string[], codes: readonly number[]): Promise<void> {
  process.stdout.write(`\n$ sixray ${args.join(" ")}\n`);
  const { code, out, err } = await sixrayIn(cloud, args);
  process.stdout.write(
    `${out}${err}exit ${code}; left in the cloud: ${cloud.arm.left.join(", ") || "nothing"}\n`,
  );
  failed ||= code === null || !codes.includes(code);
}

try {
  await show(["list", `azure:eastus/${FAMILY}`, "--latest", "3"], [0]);
  await show(["doctor", "azure"], [0]);
  await show(["scan", IMAGE], [3]);
  await show(["scan", IMAGE, "--allow-create"], [1]);
  await show(["scan", `azure:${cloud.arm.addOwn("snapshots", "golden", { osType: "Linux" })}`], [1]);

  process.stdout.write("\n$ sixray scan --allow-create, killed (kill -9) while it reads\n");
  const granted = cloud.arm.grants.length;
  let child: ChildProcess | undefined;
  cloud.door.answer = () => {
    if (cloud.arm.grants.length > granted) child?.kill("SIGKILL");
    return false;
  };
  await sixrayIn(cloud, ["scan", IMAGE, "--allow-create"], (one) => {
    child = one;
  });
  cloud.door.answer = () => false;
  process.stdout.write(`left in the cloud: ${cloud.arm.left.join(", ")}\n`);
  await show(["sweep"], [0]);
  failed ||= cloud.arm.left.length > 0;
} finally {
  await cloud.stop();
}
process.exitCode = failed ? 1 : 0;
