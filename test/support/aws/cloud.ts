import { randomBytes } from "node:crypto";
import type { FakeDisk } from "./disk.ts";
import { Fault } from "./wire.ts";

export const OWN = "111122223333";
export const OTHER = "999988887777";
export type Tags = Record<string, string>;

export interface FakeSnapshot {
  readonly id: string;
  readonly region: string;
  readonly owner: string;
  readonly disk: FakeDisk;
  readonly description: string;
  readonly tags: Tags;
  /** Looks until it is complete. */
  polls: number;
  pollsAll: number;
  error?: string;
  /** createVolumePermission: for everyone, for accounts; nobody else sees it. */
  public: boolean;
  readonly sharedWith: Set<string>;
  archived: boolean;
  key?: string;
  /** The key may not be used by the caller. */
  keyDenied: boolean;
  /** Tokens of older listings are not valid any more. */
  version: number;
}

export interface FakeImage {
  readonly id: string;
  readonly region: string;
  readonly owner: string;
  readonly name: string;
  readonly created: string;
  readonly architecture: string;
  readonly snapshot: string | undefined;
  readonly rootDevice: string;
  readonly instanceStore: boolean;
  readonly tags: Tags;
  readonly public: boolean;
  readonly platform?: string;
  readonly deprecated?: string;
  readonly productCode?: string;
  readonly alias?: string;
  /** Data disks, before the root disk in the mapping. */
  readonly dataSnapshots: readonly string[];
  state: string;
  stateReason?: string;
  polls: number;
}

export interface FakeInstance {
  readonly id: string;
  readonly region: string;
  readonly image: string;
  readonly volume: string;
  readonly group: string;
  readonly subnet: string;
  readonly clientToken: string;
  readonly tags: Tags;
  state: "pending" | "running" | "shutting-down" | "terminated";
  polls: number;
}

export interface FakeVolume {
  readonly id: string;
  readonly region: string;
  readonly disk: FakeDisk;
  readonly tags: Tags;
  instance: string | undefined;
}

export interface FakeGroup {
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly tags: Tags;
  /** Ranges it lets out to. */
  readonly egress: Set<string>;
}

/** Everything there is in the fake's accounts. */
export class FakeCloud {
  readonly snapshots: Map<string, FakeSnapshot> = new Map();
  readonly images: Map<string, FakeImage> = new Map();
  readonly instances: Map<string, FakeInstance> = new Map();
  readonly volumes: Map<string, FakeVolume> = new Map();
  readonly groups: Map<string, FakeGroup> = new Map();
  readonly parameters: Map<string, string> = new Map();
  readonly #tokens = new Map<string, string>();
  encryptByDefault: boolean = false;

  addSnapshot(disk: FakeDisk, options: Partial<FakeSnapshot> = {}): FakeSnapshot {
    const polls = options.polls ?? 0;
    const made: FakeSnapshot = {
      id: newId("snap"),
      region: "us-east-1",
      owner: OWN,
      description: "",
      tags: {},
      public: false,
      sharedWith: new Set(),
      archived: false,
      keyDenied: false,
      version: 1,
      disk,
      ...options,
      polls,
      pollsAll: polls,
    };
    this.snapshots.set(made.id, made);
    return made;
  }

  /** An image of `snapshot`, with its owner. */
  addImage(snapshot: FakeSnapshot | undefined, options: Partial<FakeImage> = {}): FakeImage {
    const made: FakeImage = {
      id: newId("ami"),
      region: snapshot?.region ?? "us-east-1",
      owner: snapshot?.owner ?? OWN,
      name: "base-20241101",
      created: "2024-11-01T10:00:00.000Z",
      architecture: "x86_64",
      snapshot: snapshot?.id,
      rootDevice: "/dev/xvda",
      instanceStore: false,
      tags: {},
      public: true,
      state: "available",
      polls: 0,
      dataSnapshots: [],
      ...options,
    };
    this.images.set(made.id, made);
    return made;
  }

  /** The same answer for the same token. */
  once<T extends { readonly id: string }>(
    token: string | undefined,
    things: ReadonlyMap<string, T>,
    make: () => T,
  ): T {
    const known = token === undefined ? undefined : things.get(this.#tokens.get(token) ?? "");
    if (known) return known;
    const made = make();
    if (token !== undefined) this.#tokens.set(token, made.id);
    return made;
  }

  /** What carries our tags: what a run made and has not removed. */
  get left(): readonly string[] {
    const all = [this.snapshots, this.images, this.instances, this.volumes, this.groups] as const;
    return all.flatMap((things) =>
      [...things.values()]
        .filter((thing) => "sixray:run" in thing.tags && !("state" in thing && thing.state === "terminated"))
        .map(({ id }) => id),
    );
  }

  snapshotSeenBy(id: string, account: string, region: string): FakeSnapshot | undefined {
    const found = this.snapshots.get(id);
    if (!found || found.region !== region) return undefined;
    return found.owner === account || found.public || found.sharedWith.has(account) ? found : undefined;
  }

  snapshotOrFault(id: string, account: string, region: string): FakeSnapshot {
    const found = this.snapshotSeenBy(id, account, region);
    if (!found) throw new Fault(400, "InvalidSnapshot.NotFound", `The snapshot '${id}' does not exist.`);
    return found;
  }

  imageOrFault(id: string, account: string, region: string): FakeImage {
    const found = this.images.get(id);
    if (!found || found.region !== region || (found.owner !== account && !found.public))
      throw new Fault(400, "InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
    return found;
  }
}

export function newId(kind: string): string {
  return `${kind}-0${randomBytes(8).toString("hex")}`;
}
