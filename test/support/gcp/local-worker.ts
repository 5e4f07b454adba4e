import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SerialOutput, WorkerLine } from "../../../providers/gcp/worker/session.ts";
import { metadataServer } from "./metadata.ts";

export const WORKER_SCRIPT: string = fileURLToPath(
  new URL("../../../providers/gcp/worker/worker.sh", import.meta.url),
);

export interface LocalWorker extends WorkerLine {
  /** All that the serial port showed so far. */
  readonly printed: () => string;
  /** How many asks there were. */
  readonly asks: () => number;
  readonly ended: Promise<number | null>;
  close(): void;
}

/** Runs the real startup script on this machine, with `disk` (a file or a block device) in the place of the target. */
export async function localWorker(
  disk: string,
  token: string,
  options: { readonly script?: string; readonly upload?: string } = {},
): Promise<LocalWorker> {
  const folder = mkdtempSync(join(tmpdir(), "sixray-worker-"));
  const serial = join(folder, "serial");
  writeFileSync(serial, "");
  let ask: string | undefined;
  let asks = 0;
  const server = await metadataServer((name) =>
    name === "sixray-token"
      ? token
      : name === "sixray-ask"
        ? ask
        : name === "sixray-upload"
          ? options.upload
          : undefined,
  );
  const script = join(folder, "startup-script");
  writeFileSync(script, options.script ?? readFileSync(WORKER_SCRIPT));
  const child: ChildProcess = spawn("sh", [script], {
    env: {
      PATH: process.env.PATH,
      TMPDIR: tmpdir(),
      SIXRAY_DISK: disk,
      SIXRAY_SERIAL: serial,
      SIXRAY_METADATA: server.url,
      SIXRAY_LIFE: "300",
      SIXRAY_REPEAT: "1",
    },
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    printed: () => readFileSync(serial, "latin1"),
    asks: () => asks,
    ended,
    async serial(start): Promise<SerialOutput> {
      const all = readFileSync(serial, "latin1");
      return { contents: all.slice(start), start, next: all.length };
    },
    async ask(text) {
      asks++;
      ask = text;
    },
    close() {
      ask = "end";
      child.kill("SIGTERM");
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
