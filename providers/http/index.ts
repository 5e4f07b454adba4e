import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ImageProvider, OpenImage, ProviderContext } from "../contract.ts";
import { HttpClient } from "../ranges/client.ts";
import { openRemote } from "../ranges/remote-file.ts";
import { type Digest, parseDigest } from "../unpack/digest.ts";
import { unpack } from "../unpack/unpack.ts";
import { download } from "./download.ts";
import { shown } from "./names.ts";

/**
 * The requests of a round travel side by side, so small ones cost no time; what is worth bridging are gaps. Measured
 * on a Debian qcow2: 16 KiB blocks would save 3 rounds of 19 and double the bytes; on a raw image of it, gaps of 10 KiB
 * take the 11 rounds that gaps of 16 KiB take, in 54 requests of 293 KiB, not 47 of 309, and gaps of 8 KiB one more.
 */
const READING = { blockBytes: 512, gapMaxBytes: 10 << 10 };
/** Temporary files, once everything was fetched. */
const SPOOLED = { blockBytes: 512, gapMaxBytes: 16 << 10 };

/** Addresses with what may be a secret in them (a signed query), kept out of everything that is printed. */
const addresses = new WeakMap<ImageRef, URL>();

/** Images behind a URL, and lists of them. */
export const http: ImageProvider = {
  id: "http",

  async *list(target, context) {
    const url = parseUrl(target);
    if (isListing(url)) {
      const { listImages } = await import("./listing.ts");
      for (const image of await listImages(url, context)) {
        addresses.set(image, new URL(image.id));
        yield image;
      }
      return;
    }
    const image = refOf(url);
    addresses.set(image, url);
    yield image;
  },

  async mark(image, context) {
    // What a listing declares is held against what was fetched.
    if (image.digest !== undefined && (context.verifyDigest || context.download)) return image.digest;
    const client = new HttpClient(addresses.get(image) ?? parseUrl(image.id), image.id, {
      signal: context.signal,
    });
    try {
      const remote = await openRemote(client, image.id);
      const mark = remote.kind === "ranges" ? remote.mark : undefined;
      // A mirror may hold the list of today and the file of yesterday, or the other way round: neither tells alone.
      return mark === undefined || image.digest === undefined ? mark : `${image.digest} ${mark}`;
    } finally {
      client.close();
    }
  },

  async open(image, context) {
    const url = addresses.get(image) ?? parseUrl(image.id);
    const client = new HttpClient(url, image.id, { signal: context.signal });
    try {
      const opened = await openUrl(client, url, image, context);
      const notes = [...(opened.target.notes ?? []), ...(isPlain(url) ? ["fetched without TLS"] : [])];
      return {
        ...opened,
        target: { ...opened.target, notes },
        requests: () => client.requests,
        close: async () => {
          client.close();
          await opened.close();
        },
      };
    } catch (error) {
      client.close();
      throw error;
    }
  },
};

async function openUrl(
  client: HttpClient,
  url: URL,
  image: ImageRef,
  context: ProviderContext,
): Promise<OpenImage> {
  const known = digestOf(image, context);
  const digest = known ?? (context.verifyDigest ? await besideIt(url, context) : undefined);
  const remote = context.download || context.verifyDigest ? undefined : await openRemote(client, image.id);
  if (remote?.kind === "ranges") {
    const opened = await unpack({ source: remote.source, reading: READING }, context);
    const unchecked = digest
      ? [`${digest.algorithm} declared, not verified (--verify-digest does): ${digest.hex}`]
      : [];
    const notes = [...(opened.target.notes ?? []), ...remote.notes, ...unchecked];
    return { ...opened, target: { ...opened.target, notes }, stale: remote.stale };
  }
  if (remote) {
    const { noRanges } = await import("../ranges/remote-file.ts");
    throw noRanges(image.id);
  }
  const file = await download(client, image.id, context, digest);
  try {
    const opened = await unpack({ source: file.source, reading: SPOOLED }, context);
    const checked = digest
      ? [`fetched whole, ${digest.algorithm} verified: ${digest.hex}`]
      : ["fetched whole"];
    return {
      target: { ...opened.target, notes: [...checked, ...(opened.target.notes ?? [])] },
      close: async () => {
        await opened.close();
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function besideIt(url: URL, context: ProviderContext): Promise<Digest> {
  const { siblingDigest } = await import("./sibling.ts");
  return siblingDigest(url, context);
}

function digestOf(image: ImageRef, context: ProviderContext): Digest | undefined {
  return context.digest ?? (image.digest === undefined ? undefined : parseDigest(image.digest));
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw new ScanError("usage", `${text} is no URL`);
  if (url.username !== "" || url.password !== "")
    throw new ScanError("usage", "a URL with a password in it: it would end up in logs and reports");
  url.hash = "";
  return url;
}

/** A folder, a file of checksums, or simplestreams data. */
function isListing({ pathname }: URL): boolean {
  return /\/$|\/(?:[\w.-]*CHECKSUMS?|SHA(?:256|512)SUMS|[\w.-]*\.sha(?:256|512)(?:sums?)?)$|\/streams\/v1\/[\w.:-]+\.json$/i.test(
    pathname,
  );
}

function isPlain(url: URL): boolean {
  return url.protocol === "http:" && !/^(?:localhost|127\.|\[::1\])/.test(url.hostname);
}

function refOf(url: URL): ImageRef {
  const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "") || url.hostname;
  return {
    provider: "http",
    id: shown(url),
    name,
    family: name.replace(/(?<=.)\.[a-z0-9.]+$/i, ""),
  };
}
