/** One temporary resource in a cloud: what was meant to be made, where, and what it is called there. */
export interface LeaseRecord {
  /** Ours, unique: stands in the resource's tags. */
  readonly lease: string;
  readonly run: string;
  readonly provider: string;
  /** `snapshot`, `image`, `instance`, `disk`, `object`: the provider's own word. */
  readonly kind: string;
  /** Region, zone, resource group and the like: what it takes to find it again. Never a secret. */
  readonly scope: Readonly<Record<string, string>>;
  /** The account it belongs to, where only the credentials say so: asked as another, a cloud denies that it exists. */
  readonly owner?: string | undefined;
  /** The name or client token the create call gets: known before the call. */
  readonly name: string;
  /** When it was written down, ISO 8601 in UTC. */
  readonly at: string;
  /** The cloud's id, once the create call answered. */
  readonly resource?: string;
}

/** What is known before the create call. */
export type Intent = Pick<LeaseRecord, "provider" | "kind" | "scope" | "owner" | "name">;

/** Who keeps a journal: what tells a run that is still at work from one that was killed. */
export interface Keeper {
  readonly run: string;
  readonly pid: number;
  readonly host: string;
  /** When the process started, ISO 8601 in UTC. */
  readonly since: string;
}

/** The tags every resource gets, by the names the clouds that allow colons show. */
export function tagsOf({ run, lease, at }: LeaseRecord): Readonly<Record<string, string>> {
  return { [TAG.run]: run, [TAG.lease]: lease, [TAG.at]: at };
}

export const TAG = { run: "sixray:run", lease: "sixray:lease", at: "sixray:at" } as const;

/** How a resource is called in messages: `snapshot snap-0abc (us-east-1)`. */
export function nameOf({ kind, resource, name, scope }: LeaseRecord): string {
  const where = Object.values(scope).join(", ");
  return `${kind} ${resource ?? name}${where === "" ? "" : ` (${where})`}`;
}
