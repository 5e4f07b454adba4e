import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { corrupt, limitReached, ScanError } from "../errors.ts";
import { FILE_MEMBER, FILES, LIMITS, MANIFEST } from "./manifest.ts";

/** The members of a bundle by name, each checked: plain files, known names, once each, of the digest they are named for. */
export async function membersOf(packed: Uint8Array, label: string): Promise<ReadonlyMap<string, Uint8Array>> {
  if (packed.length > LIMITS.packedBytes) throw limitReached(label, "larger than a bundle may be");
  const tar = await unzipped(packed, label);
  const { extract } = await import("tar-stream");
  const members = new Map<string, Uint8Array>();
  const reader = extract({ filenameEncoding: "utf-8" });
  reader.on("error", () => undefined);
  reader.end(tar);
  try {
    for await (const member of reader) {
      const { name, type, size = 0 } = member.header;
      if (type !== "file") throw corrupt(label, `a member that is a ${String(type)}, not a file: ${name}`);
      if (name !== MANIFEST && !FILE_MEMBER.test(name))
        throw corrupt(label, `a member that no bundle has: ${name}`);
      if (members.has(name)) throw corrupt(label, `the member ${name} twice`);
      if (members.size >= LIMITS.members) throw limitReached(label, `more than ${LIMITS.members} members`);
      if (size > tar.length) throw corrupt(label, `${name} is cut off`);
      const chunks: Buffer[] = [];
      for await (const chunk of member) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length !== size) throw corrupt(label, `${name} is cut off`);
      if (name !== MANIFEST && createHash("sha256").update(bytes).digest("hex") !== name.slice(FILES.length))
        throw corrupt(label, `the content of ${name} has another digest`);
      members.set(name, new Uint8Array(bytes));
    }
  } catch (error) {
    if (error instanceof ScanError) throw error;
    throw corrupt(label, `not a tar: ${error instanceof Error ? error.message : String(error)}`);
  }
  return members;
}

async function unzipped(packed: Uint8Array, label: string): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, {
      maxOutputLength: LIMITS.unpackedBytes + (LIMITS.members + 2) * 1024,
    });
  } catch (error) {
    if (error instanceof RangeError) throw limitReached(label, "unpacks to more than a bundle may hold");
    throw corrupt(label, "not gzip, or damaged");
  }
}
