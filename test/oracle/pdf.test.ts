import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { pdf } from "../../src/report/pdf/pdf.ts";
import { missing, scratch } from "../support/images.ts";
import { hostileReport, manyImages, sampleReport } from "../support/sample-report.ts";

/** The document as other programs read it. Pages are kept in $SIXRAY_SCREENSHOTS when that is set. */

const why = missing("pdfinfo", "pdftotext", "pdftoppm", "qpdf");
const area = scratch("pdf");
const PLAIN = { color: false, columns: 80 };

async function written(name: string, report: Report): Promise<string> {
  const path = join(area, `${name}.pdf`);
  writeFileSync(path, await pdf.render(report, PLAIN));
  return path;
}
const read = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });

describe.skipIf(why)("the PDF", () => {
  const all: Readonly<Record<string, Report>> = {
    sample: sampleReport,
    hostile: hostileReport(),
    empty: { ...sampleReport, results: [] },
  };
  const paths: Record<string, string> = {};
  beforeAll(async () => {
    for (const [name, report] of Object.entries(all)) paths[name] = await written(name, report);
  });
  const pathOf = (name: string): string => paths[name] ?? "";

  test.each(Object.keys(all))("%s: sound, tagged, with a title and a language", (name) => {
    expect(spawnSync("qpdf", ["--check", pathOf(name)]).status).toBe(0);
    const info = read("pdfinfo", pathOf(name));
    expect(info).toMatch(/^Tagged: +yes$/m);
    expect(info).toMatch(/^Title: +IPv6 on base images$/m);
    expect(info).toMatch(/^JavaScript: +no$/m);
    expect(read("pdfinfo", "-meta", pathOf(name))).toMatch(/pdfuaid:part>1</);
    expect(read("qpdf", "--qdf", "--object-streams=disable", pathOf(name), "-")).toMatch(/\/Lang \(en\)/);
  });

  test("has headings, lists and tables in its structure", () => {
    const structure = read("pdfinfo", "-struct", pathOf("sample"));
    for (const tag of ["H1", "H2", "L ", "LI", "Table", "TH", "TD"]) expect(structure).toContain(tag);
  });

  test("brings its fonts with it", () => {
    const [, , ...fonts] = read("pdffonts", pathOf("sample")).trim().split("\n");
    expect(fonts.length).toBeGreaterThan(1);
    for (const font of fonts) expect(font).toMatch(/yes yes yes/);
  });

  test("one page an image, after the front and before the sign-off", () => {
    const pages = read("pdftotext", "-layout", pathOf("sample"), "-").split("\f").slice(0, -1);
    for (const { image } of sampleReport.results)
      expect(
        pages.filter((page) => page.replaceAll("\u200b", "").includes(image.name)).length,
      ).toBeGreaterThan(0);
    expect(pages.filter((page) => page.includes("IPv6 after the first boot"))).toHaveLength(
      sampleReport.results.length,
    );
    expect(pages.at(-1)).toContain("Sign-off");
    expect(pages[0]).toContain("Method");
    expect(pages.join("\n")).toContain("What this does not prove");
  });

  test("shows what hides as text, and cuts what is endless", () => {
    const text = read("pdftotext", pathOf("hostile"), "-").replaceAll("\u200b", "");
    expect(text).toContain("\\u202e");
    expect(text).toContain("<script>");
    expect(text).toContain("characters)");
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toMatch(/(?![\n\r\t\f])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });

  test("a thousand images, twice the same bytes", async () => {
    const report = manyImages(1000);
    const started = performance.now();
    const first = await pdf.render(report, PLAIN);
    console.info(`1,000 images: ${Math.round(performance.now() - started)} ms, ${first.length} bytes`);
    expect(Buffer.from(await pdf.render(report, PLAIN)).equals(Buffer.from(first))).toBe(true);
  });

  test("its pages can be looked at", () => {
    const shots = process.env.SIXRAY_SCREENSHOTS ?? join(area, "shots");
    mkdirSync(shots, { recursive: true });
    read("pdftoppm", "-r", "75", "-png", pathOf("sample"), join(shots, "pdf"));
  });
});
