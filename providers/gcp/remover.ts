import { setTimeout as sleep } from "node:timers/promises";
import { isReadError, ScanError } from "../../src/errors.ts";
import type { LeaseRecord } from "../lease/record.ts";
import type { Remover } from "../lease/remover.ts";
import { throwUnseen } from "../lease/unseen.ts";
import type { ComputeApi } from "./compute.ts";
import { GcpFailure, scanErrorOf } from "./failure.ts";
import { RUN_LABEL, recordOf } from "./labels.ts";
import { projectOf } from "./project.ts";
import { parseProject } from "./target.ts";

/** An instance that still uses a disk, a service that is busy: tried this often, a little later each time. */
const TRIES_MAX = 6;
const WAIT_MS = 2000;

/** Removes an object from a bucket; resolves when it is gone. */
export type RemoveObject = (bucket: string, object: string) => Promise<void>;

export class GcpRemover implements Remover {
  readonly provider = "gcp";
  readonly #api: ComputeApi;
  readonly #removeObject: RemoveObject;
  readonly #pace: number;

  constructor(api: ComputeApi, removeObject: RemoveObject, pace: number) {
    this.#api = api;
    this.#removeObject = removeObject;
    this.#pace = pace;
  }

  /** Names are ours alone and known before the create call, so a name is all it takes to find a resource again. */
  async remove(record: LeaseRecord): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#removeOnce(record);
        return;
      } catch (error) {
        if (error instanceof GcpFailure && error.kind === "not-found") return;
        const again = error instanceof GcpFailure && (error.kind === "in-use" || error.kind === "transient");
        if (!again || attempt >= TRIES_MAX) throw error;
        await sleep(WAIT_MS * attempt * this.#pace);
      }
    }
  }

  async #removeOnce({ kind, name, scope }: LeaseRecord): Promise<void> {
    const { project = "", zone = "", bucket = "" } = scope;
    switch (kind) {
      case "instance":
        return this.#api.deleteInstance({ project, zone }, name);
      case "disk":
        return this.#api.deleteDisk({ project, zone }, name);
      case "object":
        return this.#removeObject(bucket, name);
      default:
        throw new ScanError("usage", `sixray makes no ${kind} in Google Cloud`);
    }
  }

  async *tagged(where: readonly string[], account?: string): AsyncGenerator<LeaseRecord> {
    const projects = where.length > 0 ? where.map(parseProject) : [await projectOf(this.#api, account)];
    const unseen: string[] = [];
    for (const project of projects) {
      const found: LeaseRecord[] = [];
      try {
        for await (const one of this.#api.labelled(project, RUN_LABEL))
          found.push(recordOf(one, { project, zone: one.zone }));
      } catch (error) {
        const told = scanErrorOf(error, `gcp:${project}`);
        if (!isReadError(told)) throw told;
        unseen.push(`${project}: ${told.message}`);
      }
      yield* found;
    }
    throwUnseen(unseen);
  }
}
