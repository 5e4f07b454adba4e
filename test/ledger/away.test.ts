import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { ScanError } from "../../src/errors.ts";
import { openPostgres } from "../../src/ledger/postgres.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";
import { noPostgres, type Postgres, postgres } from "../support/postgres.ts";

describe.skipIf(noPostgres())("a database that goes away", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await postgres();
  });

  test("and comes back costs time, no row", async () => {
    const ledger = await openPostgres(server.create("back"));
    const run = { id: "r1", ...KEY };
    await ledger.startRun(newRun("r1"));
    const told: string[] = [];
    const writing = (async () => {
      for (let n = 0; n < 300; n++) {
        const entry = scanned(imageOf(`i${n}`));
        await ledger.record(run, [entry]);
        told.push(entry.content);
      }
    })();
    for (let crash = 0; crash < 3; crash++) {
      await sleep(80);
      await server.kill();
      await sleep(200);
      await server.start();
    }
    await writing;
    expect(await ledger.finishRun("r1", { enumerated: 300, exitCode: 0 })).toMatchObject({ scanned: 300 });
    expect((await ledger.known(told, KEY)).size).toBe(300);
    await ledger.close();
  });

  test("for good ends the run with what to do", async () => {
    const url = server.create("gone").replace("sixray@", "sixray:secret@");
    const ledger = await openPostgres(url, { patienceMs: 600 });
    await ledger.startRun(newRun("r1"));
    await server.kill();
    const error: unknown = await ledger
      .record({ id: "r1", ...KEY }, [scanned(imageOf("a"))])
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ScanError);
    expect(error).toMatchObject({ code: "transient" });
    expect(String(error)).toMatch(
      /the database went away \(.+\) and did not come back in 1 s: what was recorded is kept/,
    );
    await ledger.close();
    const opening: unknown = await openPostgres(url, { patienceMs: 300 }).catch((e: unknown) => e);
    expect(opening).toMatchObject({ code: "transient" });
    for (const one of [error, opening]) expect(one instanceof ScanError && one.line).not.toContain("secret");
    await server.start();
  });

  test("without a word is not waited for without end", async () => {
    const url = new URL(server.create("silent"));
    const [host, port] = [url.hostname, Number(url.port)];
    let silent = false;
    const proxy = createServer((client) => {
      const upstream = connect(port, host);
      client.pipe(upstream);
      upstream.on("data", (chunk: Buffer) => {
        if (!silent) client.write(chunk);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    url.port = String(typeof address === "object" ? address?.port : 0);
    const ledger = await openPostgres(url.href, { patienceMs: 5_000, silenceMs: 1_000 });
    await ledger.startRun(newRun("r1"));
    silent = true;
    const recording = ledger.record({ id: "r1", ...KEY }, [scanned(imageOf("a"))]);
    await sleep(1_500);
    silent = false;
    await recording;
    silent = true;
    await expect(ledger.runs(1)).rejects.toMatchObject({
      code: "transient",
      message: expect.stringContaining("did not come back in 5 s"),
    });
    silent = false;
    expect(await ledger.totals("r1")).toMatchObject({ scanned: 1 });
    await ledger.close();
    proxy.close();
  }, 90_000);

  test("or says no is told apart from one that is away", async () => {
    const url = server.create("there").replace(/there$/, "nowhere");
    await expect(openPostgres(url)).rejects.toMatchObject({ code: "access" });
    await expect(openPostgres("mysql://x")).rejects.toMatchObject({ code: "usage" });
  });
});
