import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const TOP = fileURLToPath(new URL("..", import.meta.url));

/** Who may import whom, by folder; `src/README.md` has the same table. A folder may always import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  providers: ["bundle", "disk", "model", "errors", "make-folder"],
  "src/errors.ts": [],
  "src/make-folder.ts": [],
  "src/model": [],
  "src/disk": ["errors"],
  "src/guest": ["disk", "model", "errors"],
  "src/ipv6": ["model"],
  "src/policy": ["model"],
  "src/report": ["model"],
  "src/scan": ["disk", "guest", "ipv6", "policy", "model", "errors"],
  "src/bundle": ["model", "errors"],
  "src/ledger": ["scan", "model", "errors", "make-folder"],
  "src/attest": ["bundle", "scan", "policy", "report", "model", "errors"],
  "src/fleet": ["ledger", "scan", "model", "errors"],
};

/** Folders whose folders are peers: none may import another one, but for what these names hold for all of them. */
const PEERS: Readonly<Record<string, readonly string[]>> = {
  "src/disk": ["bytes"],
  "src/disk/containers": [],
  "src/disk/partitions": [],
  "src/disk/volumes": [],
  "src/disk/filesystems": [],
  "src/ipv6/layers": [],
  "src/policy/rules": [],
  providers: ["lease", "ranges", "unpack"],
};

/** The composition roots: only they choose among providers. */
const ROOTS = ["src/cli/bin.ts", "src/action/index.ts"];

interface Import {
  readonly from: string;
  readonly to: string;
}

const FILES = ["src", "providers"].flatMap((folder) =>
  readdirSync(join(TOP, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => relative(TOP, join(entry.parentPath, entry.name))),
);

/** Static imports, re-exports and `import()`. */
const IMPORTS: readonly Import[] = FILES.flatMap((from) =>
  [
    ...readFileSync(join(TOP, from), "utf8").matchAll(/(?:\bfrom\s|^import\s|\bimport\()\s*"(\.[^"]+)"/gm),
  ].map(([, path = ""]) => ({ from, to: relative(TOP, resolve(TOP, dirname(from), path)) })),
);

function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`);
}

/** Of a file in a folder of `parent`: the name of that folder. */
function peerOf(file: string, parent: string): string | undefined {
  return isIn(file, parent) ? /^([^/]+)\//.exec(file.slice(parent.length + 1))?.[1] : undefined;
}

const told = ({ from, to }: Import): string => `${from} imports ${to}`;

test("every import was seen", () => {
  expect(FILES.length).toBeGreaterThan(700);
  expect(IMPORTS.length).toBeGreaterThan(3000);
  expect(IMPORTS.map(({ to }) => to).filter((to) => !FILES.includes(to))).toEqual([]);
});

test("folders import only what the house allows", () => {
  const place = (name: string): string =>
    ["errors", "make-folder"].includes(name) ? `src/${name}.ts` : `src/${name}`;
  const broken = IMPORTS.filter(({ from, to }) => {
    const room = Object.keys(ALLOWED).find((one) => isIn(from, one));
    return (
      room !== undefined && ![room, ...(ALLOWED[room] ?? []).map(place)].some((allowed) => isIn(to, allowed))
    );
  });
  expect(broken.map(told)).toEqual([]);
});

test("peers do not import each other", () => {
  const broken = IMPORTS.filter(({ from, to }) =>
    Object.entries(PEERS).some(([parent, shared]) => {
      const [mine, theirs] = [peerOf(from, parent), peerOf(to, parent)];
      return mine !== undefined && theirs !== undefined && mine !== theirs && !shared.includes(theirs);
    }),
  );
  expect(broken.map(told)).toEqual([]);
});

test("only the composition roots choose among providers; nothing below imports them", () => {
  const above = ["src/cli", "src/action"];
  const broken = IMPORTS.filter(
    ({ from, to }) =>
      (to === "providers/index.ts" && !ROOTS.includes(from)) ||
      (above.some((one) => isIn(to, one)) && !above.some((one) => isIn(from, one))),
  );
  expect(broken.map(told)).toEqual([]);
});

test("src/README.md tells the same", () => {
  const rows = [
    ...readFileSync(join(TOP, "src/README.md"), "utf8").matchAll(/^\| `([^`]+)` .*\|([^|]*)\|$/gm),
  ];
  const written = Object.fromEntries(
    rows.map(([, folder = "", may = ""]) => [
      folder,
      [...may.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).toSorted(),
    ]),
  );
  for (const [room, allowed] of Object.entries(ALLOWED)) {
    if (room.endsWith(".ts")) continue;
    const folder = room === "providers" ? "../providers" : room.slice("src/".length);
    expect(written[folder], room).toEqual(allowed.toSorted());
  }
});
