import { openFile } from "../../../providers/file-source.ts";
import type { ByteSource } from "../../../src/disk/bytes/byte-source.ts";
import type { ImageRef } from "../../../src/model/image.ts";
import { ASKS } from "../../../src/scan/asks.ts";
import { examineView, withView } from "../../../src/scan/view.ts";
import { examineAsWindows } from "../../../src/scan/windows.ts";

/** All that reading an image gives: what an evidence bundle holds. */
export interface Evidence {
  readonly entries: readonly unknown[];
  readonly registry: readonly unknown[];
  readonly notes: readonly string[];
  readonly doubts: readonly unknown[];
}

export async function evidenceOf(source: ByteSource): Promise<Evidence> {
  const image: ImageRef = { provider: "file", id: source.label, name: "image", family: "image" };
  const reading = { blockBytes: 4096, gapMaxBytes: 4096 };
  const opener = async () => ({
    target: { kind: "disk" as const, source, reading },
    close: async () => undefined,
  });
  return withView(image, opener, {}, async (view) => {
    const examined = (await examineView(view, ASKS)) ?? (await examineAsWindows(view, true));
    if (!examined) throw new Error("no operating system found");
    const { snapshot, notes, doubts = [] } = examined;
    return {
      entries: [...snapshot.entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      registry: [...(snapshot.registry ?? [])],
      notes,
      doubts,
    };
  });
}

/** The same, read straight from the file. */
export async function evidenceOfFile(path: string, label: string): Promise<Evidence> {
  const file = await openFile(path, label);
  try {
    return await evidenceOf(file.source);
  } finally {
    await file.close();
  }
}
