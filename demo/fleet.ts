/**
 * A fleet on this machine: a Postgres started for it, a server of images, two workers, of which one is killed while it
 * has work in its hands. Its jobs move on to the other, and every image stands in the ledger once.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type WorkerProcess, worker } from "../test/fleet/support.ts";
import { imageStore } from "../test/support/image-store.ts";
import { postgres } from "../test/support/postgres.ts";

const BIN = fileURLToPath(new URL("../bin/sixray.js", import.meta.url));
const IMAGES = 40;

console.log("== a Postgres and a server of images start");
const [server, store] = await Promise.all([postgres(), imageStore({ images: IMAGES, latencyMs: 300 })]);
const place = { url: server.create("fleet") };
const env = { ...process.env, DATABASE_URL: place.url };

function sixray(...args: readonly string[]): void {
  console.log(`\n$ sixray ${args.join(" ")}`);
  const { status } = spawnSync(process.execPath, [BIN, ...args], { env, stdio: "inherit" });
  console.log(`(exit ${status})`);
}

function judgedBy({ lines }: WorkerProcess): number {
  return lines.filter(({ event }) => event === "image").length;
}

sixray("fleet", "enqueue", store.url);
console.log("\n== two workers start");
const [one, two] = [worker(place, "--concurrency", "6"), worker(place, "--concurrency", "6")];
await two.until(({ event }) => event === "worker started");
await one.until(({ event }) => event === "image");
console.log(
  `\n== the first worker is killed (kill -9) with jobs in its hands; it has judged ${judgedBy(one)} images`,
);
one.child.kill("SIGKILL");
await one.ended;
store.set({ latencyMs: 30 });
const killedAt = Date.now();
sixray("fleet", "status");
const telling = setInterval(() => {
  const seconds = Math.round((Date.now() - killedAt) / 1000);
  console.log(`${seconds} s after: the second worker has judged ${judgedBy(two)} images`);
}, 4_000);
const moved = await two.until(({ event, attempt = 1 }) => event === "image" && attempt > 1);
if (moved)
  console.log(
    `\n== ${Math.round((Date.now() - killedAt) / 1000)} s after: the first of its jobs is done by the second worker`,
  );
await two.until(({ event }) => event === "run finished");
clearInterval(telling);
sixray("fleet", "status");
const again = two.lines.filter(({ event, attempt = 1 }) => event === "image" && attempt > 1).length;
console.log(`\n== ${again} jobs of the killed worker moved on; ${IMAGES} images, each once`);
console.log("== the second worker is asked to stop (SIGTERM)");
two.child.kill("SIGTERM");
console.log(`(exit ${await two.ended})`);
sixray("runs");
await store.close();
await server.kill();
