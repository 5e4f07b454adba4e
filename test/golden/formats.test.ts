import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import { Ajv } from "ajv";
import AjvDraft4 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Rendered, Report } from "../../src/model/report.ts";
import { reporters } from "../../src/report/index.ts";
import { missing } from "../support/images.ts";
import { hostileEverywhere, hostileReport, manyImages, sampleReport } from "../support/sample-report.ts";

const PLAIN = { color: false, columns: 100 };
const FORMATS = [...reporters.keys()];
const hostile = hostileReport();
const everywhere = hostileEverywhere();

async function render(id: string, report: Report): Promise<Rendered> {
  const load = reporters.get(id);
  if (!load) throw new Error(`no format ${id}`);
  return (await load()).render(report, PLAIN);
}

/** All that is text in a format: of a ZIP, its members. */
async function textOf(id: string, report: Report): Promise<string> {
  const output = await render(id, report);
  if (typeof output === "string") return output;
  return output[0] === 0x50 ? members(Buffer.from(output)) : Buffer.from(output).toString("latin1");
}

function members(zip: Buffer): string {
  const parts: string[] = [];
  let at = zip.readUInt32LE(zip.length - 6);
  for (let left = zip.readUInt16LE(zip.length - 12); left > 0; left--) {
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    parts.push((zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data).toString("utf8"));
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return parts.join("\n");
}

const schema = (name: string): object =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../schemas/${name}`, import.meta.url)), "utf8"));

describe.each(FORMATS)("%s", (id) => {
  test("gives the golden file, the same bytes each time", async () => {
    const output = Buffer.from(await render(id, sampleReport));
    await new Promise((resolve) => setTimeout(resolve, id === "xlsx" ? 2100 : 0));
    expect(Buffer.from(await render(id, structuredClone(sampleReport))).equals(output)).toBe(true);
    const extension = (await reporters.get(id)?.())?.fileExtension ?? "";
    const path = fileURLToPath(new URL(`formats/report${extension}.golden`, import.meta.url));
    if (process.env.UPDATE_GOLDEN === "1") await writeFile(path, output);
    expect(createHash("sha256").update(output).digest("hex")).toBe(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    );
  });

  // What a PDF shows is read by other programs in test/oracle/pdf.test.ts.
  test.runIf(id !== "pdf").each([
    ["an image", hostile],
    ["a stored report", everywhere],
  ])("holds nothing of %s that a reader obeys", async (_, report) => {
    const text = await textOf(id, report);
    // A terminal, whatever the format: no control but line ends and tabs, no bidi, no lone surrogate.
    expect(text).not.toMatch(/(?![\n\r\t])[\p{Cc}\p{Cs}]|[\u202a-\u202e\u2066-\u2069\u200b]/u);
    if (id === "html") expect(text.match(/<script/g)).toHaveLength(1);
    else if (!/csv|json|ndjson|sarif|oscal|intoto|terraform|azure|aws|custodian|text/.test(id))
      expect(text).not.toContain("<script");
    if (id === "csv")
      for (const [, cell = ""] of text.matchAll(/"((?:[^"]|"")*)"/g))
        expect(cell).not.toMatch(/^[\s"]*[=+\-@|%]/);
    if (id === "xlsx") {
      expect(text).not.toMatch(/<f>|<f |<hyperlink/);
      expect(text).not.toMatch(/<t[^>]*>\s*[=+\-@]/);
    }
    if (id === "markdown") {
      expect(text).not.toMatch(/\]\(|!\[|(?<![&\w])@everyone|javascript:/);
      expect(text.replace(/<\/?(?:details|summary|code)>/g, "")).not.toMatch(/<[a-z]/i);
    }
    if (id === "terraform") expect(text).not.toMatch(/(?<!\$)\$\{|(?<!%)%\{/);
    expect(text.length).toBeLessThan(id.includes("json") ? 200 << 20 : 4 << 20);
  });

  test("takes no image at all, and a thousand of them", async () => {
    expect((await render(id, { ...sampleReport, results: [] })).length).toBeGreaterThanOrEqual(0);
    const many = manyImages(1000);
    const started = performance.now();
    const output = await render(id, many);
    const ms = performance.now() - started;
    process.stderr.write(
      `${id}: 1000 images, ${Math.round(ms)} ms, ${Math.round(output.length / 1024)} KiB\n`,
    );
    expect(output.length).toBeGreaterThan(0);
  });
});

const REPORTS = { sample: sampleReport, hostile, everywhere, empty: { ...sampleReport, results: [] } };

describe.each(Object.entries(REPORTS))("schemas: %s", (_, report) => {
  test("SARIF 2.1.0", async () => {
    const ajv = new AjvDraft4.default({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const valid = ajv.compile(schema("sarif.json"));
    valid(JSON.parse(await textOf("sarif", report)));
    expect(valid.errors).toBeNull();
  });

  test("OSCAL assessment results", async () => {
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
    addFormats.default(ajv);
    const valid = ajv.compile(schema("oscal-ar.json"));
    valid(JSON.parse(await textOf("oscal", report)));
    expect(valid.errors).toBeNull();
  });

  test.skipIf(missing("xmllint"))("JUnit", async () => {
    const path = fileURLToPath(new URL("../schemas/junit-10.xsd", import.meta.url));
    const input = await textOf("junit", report);
    const { status, stderr } = spawnSync("xmllint", ["--noout", "--schema", path, "-"], { input });
    expect(`${status} ${stderr.toString()}`).toMatch(/^0 /);
  });
});

const sarifLog = z.object({
  runs: z.tuple([
    z.object({
      results: z.array(
        z.object({
          message: z.object({ text: z.string() }),
          ruleId: z.string(),
          ruleIndex: z.int(),
          locations: z.tuple([
            z.object({
              physicalLocation: z.object({
                region: z.object({ startLine: z.int() }),
                artifactLocation: z.object({ uri: z.string() }),
              }),
            }),
          ]),
          partialFingerprints: z.object({ primaryLocationLineHash: z.string() }),
        }),
      ),
      tool: z.object({
        driver: z.object({
          rules: z.array(z.object({ id: z.string(), properties: z.object({ tags: z.array(z.string()) }) })),
        }),
      }),
      invocations: z.tuple([z.object({ executionSuccessful: z.boolean() })]),
    }),
  ]),
});

/** What GitHub asks beyond the schema: rules GH1001 to GH1007 of the SARIF multitool, and its documented limits. */
test("SARIF keeps GitHub's rules", async () => {
  for (const report of [sampleReport, hostile, manyImages(1000)]) {
    const { runs } = sarifLog.parse(JSON.parse(await textOf("sarif", report)));
    const [run] = runs;
    expect(run.results.length).toBeLessThanOrEqual(25_000);
    const prints = run.results.map((one) => one.partialFingerprints.primaryLocationLineHash);
    expect(new Set(prints).size).toBe(prints.length);
    for (const { message, locations, ruleId, ruleIndex } of run.results) {
      expect(message.text).not.toBe("");
      expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(locations).toHaveLength(1);
      const [{ physicalLocation }] = locations;
      expect(physicalLocation.region.startLine).toBeGreaterThan(0);
      expect(physicalLocation.artifactLocation.uri).toMatch(
        /^images\/(?!\.\.?\/)[^/\s\\:]+\/(?!\.\.?$)[^/\s\\:]+$/,
      );
    }
    for (const rule of run.tool.driver.rules) expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
    const unreadable = report.results.some(({ verdict }) => verdict === "unreadable");
    expect(run.invocations[0].executionSuccessful).toBe(!unreadable);
  }
});

test("Markdown stays below GitHub's limit and says what it left out", async () => {
  const text = await textOf("markdown", manyImages(20_000));
  expect(Buffer.byteLength(text)).toBeLessThan(1 << 20);
  expect(text).toMatch(/\*\*Left out, to stay below 1 MiB: \d+ of 20000 images in the table/);
});
