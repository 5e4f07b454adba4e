import { createHash } from "node:crypto";
import type { FakeCloud, FakeSnapshot } from "./cloud.ts";
import { BLOCK_BYTES } from "./disk.ts";
import type { Asker } from "./ec2.ts";
import { Fault } from "./wire.ts";

// Shapes: botocore's ebs service model (checked by test/oracle/aws-model.test.ts).

export interface EbsBehaviour {
  /** Blocks a page holds at most, whatever was asked for. */
  pageBlocks: number;
  /** Empty pages before each page. */
  emptyPages: number;
  /** Page tokens that are still refused. */
  expiredPages: number;
  /** Answers as moto does: indices as strings, 512 for the size of a block, no tokens, an HTML page for errors. */
  likeMoto: boolean;
  /** Blocks that are still sent with a wrong byte. */
  corruptBlocks: number;
  /** Blocks that are still sent too short, as whole answers. */
  shortBlocks: number;
}

export interface BlockAnswer {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export type EbsAnswer = BlockAnswer | { readonly [member: string]: unknown };

/** `GET /snapshots/ID/blocks` and `GET /snapshots/ID/blocks/INDEX?blockToken=`. */
export async function answerEbs(
  cloud: FakeCloud,
  behaviour: EbsBehaviour,
  url: URL,
  asker: Asker,
): Promise<EbsAnswer> {
  const [, id = "", index] = /^\/snapshots\/([^/]+)\/blocks(?:\/(\d+))?$/.exec(url.pathname) ?? [];
  const snapshot = readable(cloud, id, asker);
  return index === undefined
    ? list(snapshot, behaviour, url.searchParams)
    : get(snapshot, behaviour, Number(index), url.searchParams.get("blockToken") ?? "");
}

function readable(cloud: FakeCloud, id: string, { account, region }: Asker): FakeSnapshot {
  const found = cloud.snapshots.get(id);
  if (
    !found ||
    found.region !== region ||
    (found.owner !== account && !found.sharedWith.has(account) && !found.public)
  )
    throw new Fault(
      404,
      "ResourceNotFoundException",
      `The snapshot '${id}' does not exist.`,
      "SNAPSHOT_NOT_FOUND",
    );
  if (found.owner !== account && !found.sharedWith.has(account))
    throw new Fault(
      403,
      "AccessDeniedException",
      "The account is not authorized to read this snapshot",
      "UNAUTHORIZED_ACCOUNT",
    );
  if (found.archived || found.polls > 0)
    throw new Fault(
      400,
      "ValidationException",
      "The snapshot is not in a state to be read",
      "INVALID_SNAPSHOT_ID",
    );
  if (found.keyDenied)
    throw new Fault(403, "AccessDeniedException", "The KMS key may not be used", "DEPENDENCY_ACCESS_DENIED");
  return found;
}

async function list(
  snapshot: FakeSnapshot,
  behaviour: EbsBehaviour,
  query: URLSearchParams,
): Promise<EbsAnswer> {
  const written = await snapshot.disk.written();
  const token = query.get("pageToken");
  if (token !== null && behaviour.expiredPages > 0) {
    behaviour.expiredPages--;
    throw new Fault(400, "ValidationException", "The page token is not valid", "INVALID_PAGE_TOKEN");
  }
  const [, fromText = query.get("startingBlockIndex") ?? "0", emptyText = "0"] =
    /^page-(\d+)-(\d+)$/.exec(token ?? "") ?? [];
  const from = Number(fromText);
  const empty = Number(emptyText);
  const max = Math.min(Number(query.get("maxResults") ?? 10_000), behaviour.pageBlocks);
  const fitting = written.filter((index) => index >= from);
  const page = empty < behaviour.emptyPages ? [] : fitting.slice(0, max);
  const rest = page.length === 0 && empty < behaviour.emptyPages ? `page-${from}-${empty + 1}` : undefined;
  const next = page.length < fitting.length && page.length > 0 ? `page-${fitting[page.length]}-0` : rest;
  if (behaviour.likeMoto)
    return {
      Blocks: written.map((index) => ({ BlockIndex: String(index) })),
      VolumeSize: snapshot.disk.volumeGib,
      BlockSize: 512,
    };
  return {
    Blocks: page.map((index) => ({ BlockIndex: index, BlockToken: tokenOf(snapshot, index) })),
    ExpiryTime: Math.floor(Date.now() / 1000) + 7 * 86_400,
    VolumeSize: snapshot.disk.volumeGib,
    BlockSize: BLOCK_BYTES,
    ...(next === undefined ? {} : { NextToken: next }),
  };
}

async function get(
  snapshot: FakeSnapshot,
  behaviour: EbsBehaviour,
  index: number,
  token: string,
): Promise<EbsAnswer> {
  if (token !== tokenOf(snapshot, index) && !behaviour.likeMoto)
    throw new Fault(400, "ValidationException", "The block token is not valid", "INVALID_BLOCK_TOKEN");
  const block = await snapshot.disk.block(index);
  const headers = {
    "x-amz-data-length": String(block.length),
    "x-amz-checksum": createHash("sha256").update(block).digest("base64"),
    "x-amz-checksum-algorithm": "SHA256",
  };
  if (behaviour.corruptBlocks > 0) {
    behaviour.corruptBlocks--;
    const wrong = Uint8Array.from(block);
    wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
    return { bytes: wrong, headers };
  }
  if (behaviour.shortBlocks > 0) {
    behaviour.shortBlocks--;
    return { bytes: block.subarray(0, block.length / 2), headers };
  }
  return { bytes: block, headers };
}

function tokenOf({ id, version }: FakeSnapshot, index: number): string {
  return `${id}-${version}-${index}`;
}
