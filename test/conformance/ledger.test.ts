import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe } from "vitest";
import { openEmbedded } from "../../src/ledger/embedded.ts";
import { openPostgres } from "../../src/ledger/postgres.ts";
import { scratch } from "../support/images.ts";
import { noPostgres, type Postgres, postgres } from "../support/postgres.ts";
import { ledgerConformance } from "./ledger.ts";

const why = noPostgres();

describe("PGlite", () => {
  const folder = scratch("ledger");
  let made = 0;
  beforeAll(async () => {
    await (await openEmbedded(join(folder, "empty"), { create: true })).close();
  });
  ledgerConformance(async () => {
    const path = join(folder, `l${made++}`);
    cpSync(join(folder, "empty"), path, { recursive: true });
    const reopen = () => openEmbedded(path, { create: false });
    return { ledger: await reopen(), reopen };
  });
});

describe.skipIf(why)("Postgres", () => {
  let server: Postgres;
  let made = 0;
  beforeAll(async () => {
    server = await postgres();
  });
  ledgerConformance(async () => {
    const url = server.create(`l${made++}`);
    const reopen = () => openPostgres(url);
    return { ledger: await reopen(), reopen };
  });
});
