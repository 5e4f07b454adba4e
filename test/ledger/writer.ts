/** Opens the ledger in argv[2] and writes rows until it is killed; says each content once it is committed. */
import { openEmbedded } from "../../src/ledger/embedded.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";

const [, , folder = "", run = "r", hold] = process.argv;
const ledger = await openEmbedded(folder, { create: true });
process.stdout.write("open\n");
if (hold === "hold") {
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
} else {
  await ledger.startRun(newRun(run));
  for (let n = 0; ; n++) {
    const entry = scanned(imageOf(`${run}-${n}`), { notes: ["x".repeat(3000)] });
    await ledger.record({ id: run, ...KEY }, [entry]);
    process.stdout.write(`${entry.content}\n`);
  }
}
await ledger.close();
