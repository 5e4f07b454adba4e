import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { up as imagesAndScans } from "./0001-images-and-scans.ts";
import { up as policiesAndWaivers } from "./0002-policies-and-waivers.ts";
import { up as contentsOfRuns } from "./0003-contents-of-runs.ts";
import { up as contentsOfImages } from "./0004-contents-of-images.ts";
import { up as partsOfRuns } from "./0005-parts-of-runs.ts";
import { up as whatRunsSaw } from "./0006-what-runs-saw.ts";
import { up as scansToRepeat } from "./0007-scans-to-repeat.ts";

/**
 * In order, by name. One that was released is never changed: a new one is added. None goes back: a ledger that is
 * lost costs another scan, so an older sixray starts a new one.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-images-and-scans": { up: (db: Kysely<unknown>) => imagesAndScans(db) },
  "0002-policies-and-waivers": { up: (db: Kysely<unknown>) => policiesAndWaivers(db) },
  "0003-contents-of-runs": { up: (db: Kysely<unknown>) => contentsOfRuns(db) },
  "0004-contents-of-images": { up: (db: Kysely<unknown>) => contentsOfImages(db) },
  "0005-parts-of-runs": { up: (db: Kysely<unknown>) => partsOfRuns(db) },
  "0006-what-runs-saw": { up: (db: Kysely<unknown>) => whatRunsSaw(db) },
  "0007-scans-to-repeat": { up: (db: Kysely<unknown>) => scansToRepeat(db) },
};
