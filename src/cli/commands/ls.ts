import type { ProviderEntry } from "../../../providers/contract.ts";
import type { Located } from "../../disk/filesystems/tree.ts";
import { walk } from "../../disk/filesystems/walk.ts";
import { ScanError } from "../../errors.ts";
import { escapeText } from "../../report/escape.ts";
import { treeOf, withView } from "../../scan/view.ts";
import { EXIT } from "../exit.ts";
import { chooseOne } from "../images.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { meantPath } from "../shown-path.ts";
import type { Terminal } from "../terminal.ts";

export interface LsOptions extends SourceOptions {
  readonly recursive: boolean;
  readonly json: boolean;
  readonly volume?: string | undefined;
}

const FLUSH_CHARS = 64 << 10;

export async function lsCommand(
  target: string,
  path: string,
  options: LsOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const { image, open } = await chooseOne(target, providers, providerContext(terminal, options));
  let unreadable = 0;
  await withView(image, open, { signal }, async (view) => {
    const { tree, volumeOf } = await treeOf(view, options.volume);
    let buffer = "";
    for await (const located of listed(tree.resolve(await meantPath(tree, path)), path, (folder) =>
      walk(tree, folder, options.recursive),
    )) {
      signal.throwIfAborted();
      if (located.state === "unreadable") {
        unreadable++;
        terminal.err(`sixray: ${escapeText(located.error.within(located.locator).line)}\n`);
      }
      buffer += options.json ? jsonLine(located, volumeOf(located.path)) : textLine(located);
      if (buffer.length < FLUSH_CHARS) continue;
      await terminal.out(buffer);
      buffer = "";
    }
    await terminal.out(buffer);
  });
  return unreadable > 0 ? EXIT.incomplete : EXIT.pass;
}

async function* listed(
  start: Promise<Located>,
  asked: string,
  walkFolder: (folder: Extract<Located, { state: "found" }>) => AsyncIterable<Located>,
): AsyncGenerator<Located> {
  const located = await start;
  if (located.state === "absent") throw new ScanError("usage", `no such file or folder: ${asked}`);
  if (located.state === "found" && located.node.type === "directory") yield* walkFolder(located);
  else yield located;
}

function jsonLine(located: Located, volume: string): string {
  const { path } = located;
  switch (located.state) {
    case "found":
      return `${JSON.stringify({ volume, path, type: located.node.type, size: located.node.sizeBytes })}\n`;
    case "unreadable":
      return `${JSON.stringify({ volume, path, type: "unreadable", size: null, reason: located.error.line })}\n`;
    case "absent":
      return "";
  }
}

const MARKS: Readonly<Record<string, string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  char: "c",
  block: "b",
  fifo: "p",
  socket: "s",
};

function textLine(located: Located): string {
  const path = escapeText(located.path);
  if (located.state !== "found") return `?${" ".repeat(24)}${path}\n`;
  const { node } = located;
  const mode = node.mode === undefined ? "----" : node.mode.toString(8).padStart(4, "0");
  return `${MARKS[node.type] ?? "?"} ${mode} ${String(node.sizeBytes).padStart(16)}  ${path}\n`;
}
