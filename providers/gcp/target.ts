import { ScanError } from "../../src/errors.ts";

/** What the user's words name. */
export type GcpTarget =
  | { readonly kind: "public" }
  | { readonly kind: "project"; readonly project: string }
  | { readonly kind: "image"; readonly project: string; readonly image: string }
  | { readonly kind: "family"; readonly project: string; readonly family: string }
  | { readonly kind: "object"; readonly bucket: string; readonly object: string };

/** Project ids, with the domain that old ones have in front: `example.com:project`. */
const PROJECT = "(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,61}[a-z0-9]";
const NAME = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";

const FORMS = `one of gcp:PROJECT/IMAGE, gcp:PROJECT/family/FAMILY, gcp:PROJECT, gcp:public, gs://BUCKET/OBJECT`;

/** @throws usage */
export function parseTarget(text: string): GcpTarget {
  const [, bucket, object] = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])\/(.+)$/.exec(text) ?? [];
  if (bucket !== undefined && object !== undefined) return { kind: "object", bucket, object };
  if (text === "gcp:public") return { kind: "public" };
  const match = new RegExp(
    `^gcp:(?:projects/)?(?<project>${PROJECT})(?:/(?:global/)?(?:family/(?<family>${NAME})|images/family/(?<listed>${NAME})|(?:images/)?(?<image>${NAME})))?$`,
  ).exec(text);
  const { project, family, listed, image } = match?.groups ?? {};
  if (project === undefined) throw new ScanError("usage", `${text} is not ${FORMS}`);
  const line = family ?? listed;
  if (line !== undefined) return { kind: "family", project, family: line };
  if (image !== undefined) return { kind: "image", project, image };
  return { kind: "project", project };
}

/** The project that a place to look at names. @throws usage */
export function parseProject(word: string): string {
  const [, project] = new RegExp(`^(?:projects/)?(${PROJECT})$`).exec(word) ?? [];
  if (project === undefined) throw new ScanError("usage", `${word} is no project of Google Cloud`);
  return project;
}
