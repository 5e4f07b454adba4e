import type { FakeAnswer } from "./fake-arm.ts";

/*
 * Galleries (own, shared, community) and managed images, as Resource Manager shows them. Shapes: Azure REST API, Galleries,
 * Gallery Images, Gallery Image Versions, Shared and Community Gallery Images and Image Versions, Images.
 */

export interface FakeGalleryVersion {
  readonly name: string;
  readonly published: string;
  readonly endOfLife?: string;
  readonly excludeFromLatest?: boolean;
}

export interface FakeDefinition {
  readonly name: string;
  readonly properties: Record<string, unknown>;
  readonly versions: readonly FakeGalleryVersion[];
}

export interface FakeGallery {
  readonly name: string;
  readonly kind: "own" | "shared" | "community";
  readonly group: string;
  readonly definitions: readonly FakeDefinition[];
}

export class FakeGalleries {
  galleries: FakeGallery[] = [];
  /** By name: properties. */
  managed: Map<string, Record<string, unknown>> = new Map();
  readonly #subscription: string;
  readonly #location: string;

  constructor(subscription: string, location: string) {
    this.#subscription = subscription;
    this.#location = location;
  }

  /** Undefined for what is no gallery's or managed image's path. */
  answer(path: string): FakeAnswer | undefined {
    const remote =
      /\/locations\/[^/]+\/(shared|community)Galleries\/([^/]+)\/images(?:\/([^/]+))?(\/versions)?(?:\/([^/]+))?$/i.exec(
        path,
      );
    if (remote) {
      const [, word = "", gallery = "", image, versions, version] = remote;
      const kind = word.toLowerCase() === "shared" ? "shared" : "community";
      return this.#inside(kind, gallery, image, versions !== undefined, version);
    }
    const own =
      /\/providers\/Microsoft\.Compute\/galleries(?:\/([^/]+))?(?:\/images(?:\/([^/]+))?)?(\/versions)?(?:\/([^/]+))?$/i.exec(
        path,
      );
    if (own) {
      const [, gallery, image, versions, version] = own;
      if (gallery === undefined)
        return listOf(
          this.galleries
            .filter(({ kind }) => kind === "own")
            .map((one) => ({ id: this.#id(one), name: one.name, location: this.#location, properties: {} })),
        );
      return this.#inside("own", gallery, image, versions !== undefined, version);
    }
    const images = /\/providers\/Microsoft\.Compute\/images(?:\/([^/]+))?$/i.exec(path);
    if (!images) return undefined;
    const all = [...this.managed].map(([name, properties]) => ({
      id: `/subscriptions/${this.#subscription}/resourceGroups/sixray/providers/Microsoft.Compute/images/${name}`,
      name,
      location: this.#location,
      properties,
    }));
    return images[1] === undefined
      ? listOf(all)
      : oneOf(
          all.find(({ name }) => name === images[1]),
          path,
        );
  }

  #inside(
    kind: FakeGallery["kind"],
    name: string,
    image: string | undefined,
    versions: boolean,
    version: string | undefined,
  ): FakeAnswer {
    const gallery = this.galleries.find((one) => one.kind === kind && one.name === name);
    if (!gallery) return oneOf(undefined, name);
    const shown = (of: FakeDefinition): object => ({
      ...this.#named(gallery, `/images/${of.name}`, of.name),
      properties: of.properties,
    });
    if (image === undefined) return listOf(gallery.definitions.map(shown));
    const definition = gallery.definitions.find((one) => one.name === image);
    if (!definition) return oneOf(undefined, `${name}/${image}`);
    if (!versions) return oneOf(shown(definition), image);
    const all = definition.versions.map((one) => ({
      ...this.#named(gallery, `/images/${image}/versions/${one.name}`, one.name),
      properties: versionProperties(kind, one),
    }));
    return version === undefined
      ? listOf(all)
      : oneOf(
          all.find((one) => one.name === version),
          version,
        );
  }

  #named(
    gallery: FakeGallery,
    below: string,
    name: string,
  ): { readonly name: string; readonly location: string } {
    const id =
      gallery.kind === "own"
        ? { id: `${this.#id(gallery)}${below}` }
        : { identifier: { uniqueId: `/${gallery.kind}Galleries/${gallery.name}${below}` } };
    return { name, location: this.#location, ...id };
  }

  #id({ group, name }: FakeGallery): string {
    return `/subscriptions/${this.#subscription}/resourceGroups/${group}/providers/Microsoft.Compute/galleries/${name}`;
  }
}

function versionProperties(
  kind: FakeGallery["kind"],
  { published, endOfLife, excludeFromLatest = false }: FakeGalleryVersion,
): object {
  const dates = {
    publishedDate: published,
    excludeFromLatest,
    ...(endOfLife === undefined ? {} : { endOfLifeDate: endOfLife }),
  };
  return kind === "own"
    ? { publishingProfile: dates, storageProfile: { osDiskImage: { sizeInGB: 30 } } }
    : { ...dates, storageProfile: { osDiskImage: { diskSizeGB: 30 } } };
}

function listOf(value: readonly object[]): FakeAnswer {
  return { status: 200, body: { value } };
}

function oneOf(body: object | undefined, path: string): FakeAnswer {
  if (body) return { status: 200, body };
  const message = `The resource ${path} was not found.`;
  return { status: 404, body: { error: { code: "ResourceNotFound", message } } };
}
