import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { ImageProvider, ProviderEntry } from "../../providers/contract.ts";
import { climb, READ_ONLY, type Rung } from "../../providers/ladder.ts";
import { freshName, Holdings } from "../../providers/lease/holdings.ts";
import type { Remover } from "../../providers/lease/remover.ts";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import { type Outcome, sixrayHere } from "../support/in-process.ts";

const IMAGE = readFileSync(fileURLToPath(new URL("../fixtures/images/on.qcow2", import.meta.url)));
const STATE = mkdtempSync(join(tmpdir(), "sixray-state-"));
afterAll(() => rmSync(STATE, { recursive: true }));

/** A cloud of one image that has to be copied first. */
class Cloud implements ImageProvider, Remover {
  readonly id: string = "cloud";
  readonly provider = "cloud";
  readonly copies = new Set<string>();
  locked = false;

  async *list(target: string): AsyncIterable<ImageRef> {
    yield { provider: "cloud", id: target, name: "image", family: "family" };
  }

  open: ImageProvider["open"] = (image, { climb: how = READ_ONLY, leases }) => {
    const held = leases && new Holdings(leases, this);
    const copy: Rung<ImageRef> = {
      id: "copy",
      title: "copy the image",
      needs: ["images.copy"],
      creates: ["a copy"],
      bootsImage: false,
      costHint: "nothing",
      climb: async () => {
        if (!held) return { refused: "no journal" };
        const name = freshName();
        await held.create({ provider: "cloud", kind: "copy", scope: { region: "r1" }, name }, async () => {
          this.copies.add(name);
          return name;
        });
        return {
          target: {
            kind: "disk",
            source: memorySource(IMAGE, image.id),
            reading: { blockBytes: 4096, gapMaxBytes: 0 },
          },
          access: () => ({ rung: "copy", booted: false, created: held.created }),
          close: () => held.release(),
        };
      },
    };
    return climb([copy], image, { ...how, label: image.id });
  };

  async remove({ resource = "" }: { readonly resource?: string }): Promise<void> {
    if (this.locked) throw new Error("it is locked");
    this.copies.delete(resource);
  }

  async *tagged(): AsyncIterable<never> {}

  remover = async (): Promise<Remover> => this;

  async *doctor(): AsyncIterable<{ what: string; outcome: "ok" | "missing"; detail: string; fix?: string }> {
    yield { what: "credentials", outcome: "ok", detail: "ada" };
    yield { what: "rung copy", outcome: "missing", detail: "images.copy", fix: "allow it\nto ada" };
  }
}

function sixray(cloud: Cloud, ...args: readonly string[]): Promise<Outcome> {
  const entry: ProviderEntry = {
    id: "cloud",
    takes: (target) => target.startsWith("cloud:"),
    load: async () => cloud,
  };
  return sixrayHere([...args, "--state", STATE], { providers: [entry] });
}

test("nothing is created without being asked, and the result says what would help", async () => {
  const cloud = new Cloud();
  const { code, out } = await sixray(cloud, "scan", "cloud:image");
  expect(code).toBe(3);
  expect(out).toContain("copy: would create a copy; --allow-create lets it");
});

test("asked for, it is created, told and removed", async () => {
  const cloud = new Cloud();
  const { code, out } = await sixray(cloud, "scan", "cloud:image", "--allow-create", "--format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    results: [
      {
        verdict: "flagged",
        access: {
          rung: "copy",
          booted: false,
          created: [expect.stringMatching(/^copy sixray-[-0-9a-f]{36} \(r1\)$/)],
        },
      },
    ],
  });
  expect(cloud.copies.size).toBe(0);
  expect((await sixray(cloud, "sweep")).out).toBe("nothing to sweep\n");
});

test("what could not be removed is told with its id, fails the run, and the next sweep gets it", async () => {
  const cloud = new Cloud();
  cloud.locked = true;
  const { code, err } = await sixray(cloud, "scan", "cloud:image", "--allow-create");
  expect(code).toBe(3);
  expect(err).toMatch(/could not remove cloud copy sixray-\S+ \(r1\): it is locked/);
  // This process made it and is still there, so a sweep leaves it alone.
  expect((await sixray(cloud, "sweep")).out).toMatch(/^in use: cloud copy sixray-\S+ \(r1\)/);
});

test("a bug that one image brings to light: the others are judged, and it is told", async () => {
  class Shelf extends Cloud {
    override async *list(): AsyncIterable<ImageRef> {
      for (const id of ["cloud:a", "cloud:b"]) yield { provider: "cloud", id, name: id, family: "f" };
    }

    override open: ImageProvider["open"] = async (image) => {
      if (image.id === "cloud:a") throw new TypeError("x.y is not a function");
      const source = memorySource(IMAGE, image.id);
      const target = { kind: "disk", source, reading: { blockBytes: 4096, gapMaxBytes: 0 } } as const;
      return { target, close: async () => undefined };
    };
  }
  const { code, out, err } = await sixray(new Shelf(), "scan", "cloud:", "--format", "json");
  expect(code).toBe(70);
  expect(JSON.parse(out)).toMatchObject({
    results: [{ verdict: "unreadable", reason: "bug: x.y is not a function" }, { verdict: "flagged" }],
  });
  expect(err).toContain("sixray: this is a bug, and cloud:a was not judged, please report it");
  expect(err).toContain("TypeError: x.y is not a function\n    at ");
  const watched = await sixray(new Shelf(), "watch", "cloud:", "--json");
  expect(watched.code).toBe(70);
  expect(JSON.parse(watched.out)).toMatchObject({ verdicts: { flagged: 1, unreadable: 1 } });
});

test("a cloud that doctor cannot look at keeps it from no other", async () => {
  const shut = new Cloud();
  shut.doctor = () => {
    throw new ScanError("usage", "the SDK is not installed");
  };
  const entries = Object.entries({ moon: shut, sun: new Cloud() }).map(([id, cloud]) => ({
    id,
    takes: () => false,
    load: async () => Object.assign(cloud, { id }),
  }));
  const { code, out } = await sixrayHere(["doctor"], { providers: entries });
  expect(out).toMatch(/^moon\n +missing +cannot be looked at: usage: the SDK is not installed\nsun\n +ok /);
  expect(code).toBe(3);
  const named = await sixrayHere(["doctor", "moon:here", "sun:there"], { providers: entries });
  expect([named.code, named.err]).toEqual([2, "sixray: usage: the SDK is not installed\n"]);
  expect(named.out).toContain("ok       credentials: ada");
});

test("doctor tells what is missing and what to do", async () => {
  const { code, out } = await sixray(new Cloud(), "doctor");
  expect(code).toBe(3);
  expect(out).toContain("  ok       credentials: ada\n");
  expect(out).toContain("  missing  rung copy: images.copy\n             allow it\n             to ada\n");
  expect((await sixray(new Cloud(), "doctor", "moon")).err).toContain("no provider moon; there are cloud");
});

test("which images: by name, architecture, and the newest of each family", async () => {
  class Shelf extends Cloud {
    override async *list(): AsyncIterable<ImageRef> {
      const base = { provider: "cloud", family: "debian-13" };
      yield { ...base, id: "1", name: "debian-13-a", arch: "amd64", date: "2026-11-01" };
      yield { ...base, id: "2", name: "debian-13-b", arch: "amd64", date: "2026-11-20" };
      yield { ...base, id: "3", name: "debian-13-c", arch: "arm64", date: "2026-11-10" };
      yield { ...base, id: "4", name: "ubuntu-24", family: "ubuntu", arch: "amd64" };
    }
  }
  const ids = async (...args: readonly string[]): Promise<string[]> =>
    (await sixray(new Shelf(), "list", "cloud:", "--json", ...args)).out
      .trim()
      .split("\n")
      .map((line) => /"id":"(\d)"/.exec(line)?.[1] ?? "");
  expect(await ids("--latest", "1")).toEqual(["2", "3", "4"]);
  expect(await ids("--latest", "1", "--arch", "amd64", "--name", "debian-*")).toEqual(["2"]);
  expect(await ids("--name", "*-a", "--name", "ubuntu*")).toEqual(["1", "4"]);
  expect((await sixray(new Shelf(), "list", "cloud:", "--latest", "0")).err).toContain("--latest takes");
});

describe("a target that comes to nothing", () => {
  class Bare extends Cloud {
    override async *list(target: string): AsyncIterable<ImageRef> {
      if (target !== "cloud:empty") yield* super.list(target);
    }
  }

  test("is none of `list` that went well: empty itself, or by what is asked for", async () => {
    const empty = await sixray(new Bare(), "list", "cloud:empty");
    expect([empty.code, empty.out]).toEqual([3, ""]);
    expect(empty.err).toMatch(/^sixray: access: there is no image .*--deprecated.* \(cloud:empty\)\n$/);
    const narrowed = await sixray(new Bare(), "list", "cloud:image", "--name", "other*", "--json");
    expect([narrowed.code, narrowed.out]).toEqual([3, ""]);
    expect(narrowed.err).toMatch(
      /^sixray: access: no image is left by --name or --arch .*\(cloud:image\)\n$/,
    );
  });

  test("is told by `scan` beside what the others come to", async () => {
    const args = ["cloud:image", "--allow-create", "--format", "json", "--fail-on", "unreadable", "-q"];
    const empty = await sixray(new Bare(), "scan", "cloud:empty", ...args);
    expect(JSON.parse(empty.out).results).toMatchObject([
      {
        image: { id: "cloud:empty" },
        verdict: "unreadable",
        reason: expect.stringContaining("there is no image"),
      },
      { image: { id: "cloud:image" }, verdict: "flagged" },
    ]);
    expect(empty.code).toBe(3);
    const narrowed = await sixray(new Bare(), "scan", "cloud:empty", ...args, "--name", "ima*");
    expect(JSON.parse(narrowed.out).results).toMatchObject([{ image: { id: "cloud:image" } }]);
    expect([narrowed.code, narrowed.err]).toEqual([
      0,
      expect.stringMatching(/no image is left by .*\(cloud:empty\)/),
    ]);
  });
});

test("a source that cannot be listed to its end fails its own target, and the others are judged", async () => {
  class Flaky extends Cloud {
    override async *list(target: string): AsyncIterable<ImageRef> {
      if (target === "cloud:denied") throw new ScanError("access", "not allowed to list images");
      yield* super.list(target);
    }
  }
  const args = ["scan", "cloud:denied", "cloud:image", "--allow-create", "--format", "json"];
  const { code, out } = await sixray(new Flaky(), ...args);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    results: [
      { image: { id: "cloud:denied" }, verdict: "unreadable", reason: "access: not allowed to list images" },
      { image: { id: "cloud:image" }, verdict: "flagged" },
    ],
  });
});
