import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { html } from "../../src/report/html/html.ts";
import { missing, scratch } from "../support/images.ts";
import { hostileReport, manyImages, sampleReport } from "../support/sample-report.ts";

/** The page in a real browser. Screenshots are written to $SIXRAY_SCREENSHOTS, or to a folder that is removed. */

const why = missing("chromium");
const area = scratch("html");
const shots = process.env.SIXRAY_SCREENSHOTS ?? join(area, "shots");
mkdirSync(shots, { recursive: true });

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;
const SCHEMES = ["light", "dark"] as const;
const LOOKS = Object.entries(SIZES).flatMap(([size, viewport]) =>
  SCHEMES.map((colorScheme) => ({ size, viewport, colorScheme })),
);

let browser: Browser;
beforeAll(async () => {
  if (why === undefined)
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
});
afterAll(() => browser?.close());

function written(name: string, report: Report): string {
  const path = join(area, `${name}.html`);
  writeFileSync(path, html.render(report, { color: false, columns: 80 }));
  return pathToFileURL(path).href;
}

interface Opened {
  readonly page: Page;
  /** Errors of scripts and refusals of the security policy. */
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

async function open(
  url: string,
  options: Parameters<Browser["newContext"]>[0],
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const context: BrowserContext = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => errors.push(message.text()));
    page.on("dialog", (dialog) => errors.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(url);
    await use({ page, errors, requests });
  } finally {
    await context.close();
  }
}

describe.skipIf(why)("the HTML report in Chromium", () => {
  describe.each(LOOKS)("$size, $colorScheme", ({ size, viewport, colorScheme }) => {
    test.each([
      ["sample", sampleReport],
      ["hostile", hostileReport()],
    ])(
      "%s: accessible, nothing wider than the window, nothing asked of the network",
      async (name, report) => {
        const url = written(name, report);
        await open(url, { viewport, colorScheme }, async ({ page, errors, requests }) => {
          await page.screenshot({ path: join(shots, `${name}-${size}-${colorScheme}.png`) });
          await page.screenshot({
            path: join(shots, `${name}-${size}-${colorScheme}-whole.png`),
            fullPage: true,
          });
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
          const { violations, passes } = await new AxeBuilder({ page }).analyze();
          expect(
            violations.map(({ id, nodes }) => ({
              id,
              where: nodes.map(({ html: node, failureSummary }) => `${node} ${failureSummary}`).slice(0, 3),
            })),
          ).toEqual([]);
          expect(passes.map(({ id }) => id)).toContain("color-contrast");
          expect(errors).toEqual([]);
          expect(requests).toEqual([url]);
        });
      },
    );
  });

  test("filters by word, verdict and provider, the sections with their rows", async () => {
    await open(written("filter", sampleReport), {}, async ({ page, errors }) => {
      const visible = async (selector: string): Promise<number> =>
        page.locator(`${selector}:not([hidden])`).count();
      const total = sampleReport.results.length;
      expect(await visible("tbody tr")).toBe(total);
      await page.getByLabel("waived").uncheck();
      expect(await visible("tbody tr")).toBe(total - 1);
      expect(await visible("article")).toBe(total - 1);
      await page.getByLabel("Provider").selectOption("aws");
      expect(await visible("tbody tr")).toBe(2);
      await page.getByLabel("Search").fill("al2023");
      await expect.poll(() => visible("article")).toBe(1);
      expect(await page.locator("#shown").textContent()).toBe(`1 of ${total} images`);
      expect(errors).toEqual([]);
    });
  });

  test("sorts by each column, both ways, by keyboard", async () => {
    await open(written("sort", sampleReport), {}, async ({ page }) => {
      const column = (at: number): Promise<string[]> =>
        page.locator(`tbody td:nth-child(${at})`).allTextContents();
      await page.getByRole("button", { name: "Provider" }).focus();
      await page.keyboard.press("Enter");
      const up = await column(6);
      expect(up).toEqual(up.toSorted());
      await page.keyboard.press("Enter");
      expect(await column(6)).toEqual(up.toSorted().toReversed());
      expect(await page.locator("th[aria-sort=descending]").textContent()).toContain("Provider");
      await page.getByRole("button", { name: "Verdict" }).click();
      expect((await column(1)).at(0)).toBe("flagged");
      const rows = await page
        .locator("tbody a")
        .evaluateAll((all) => all.map((one) => one.getAttribute("href")));
      const sections = await page.locator("article").evaluateAll((all) => all.map((one) => `#${one.id}`));
      expect(sections).toEqual(rows);
    });
  });

  test("says everything without a script", async () => {
    await open(written("plain", sampleReport), { javaScriptEnabled: false }, async ({ page }) => {
      expect(await page.locator("tbody tr").count()).toBe(sampleReport.results.length);
      expect(await page.locator("article").count()).toBe(sampleReport.results.length);
      expect(await page.locator("#filters").isVisible()).toBe(false);
      expect(await page.locator("th button").count()).toBe(0);
    });
  });

  test("prints every image on paper, light whatever the screen", async () => {
    await open(written("print", sampleReport), { colorScheme: "dark" }, async ({ page }) => {
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("#filters").isVisible()).toBe(false);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        "rgb(255, 255, 255)",
      );
      const pdf = await page.pdf({ format: "A4" });
      writeFileSync(join(shots, "print.pdf"), pdf);
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    });
  });

  test("a thousand images open, filter and stay in bounds", async () => {
    await open(written("many", manyImages(1000)), { viewport: SIZES.desktop }, async ({ page, errors }) => {
      await page.getByLabel("Search").fill("family-3");
      await expect.poll(() => page.locator("tbody tr:not([hidden])").count()).toBe(100);
      await page.evaluate("window.scrollTo(0, 0)");
      await page.screenshot({ path: join(shots, "many-desktop-light.png") });
      expect(errors).toEqual([]);
    });
  });

  test("a link into a page of a thousand images lands on its image", async () => {
    const url = written("many-links", manyImages(1000));
    const top = "Math.round(document.getElementById('i900').getBoundingClientRect().top)";
    for (const start of [`${url}#i900`, url])
      await open(start, { viewport: SIZES.phone }, async ({ page }) => {
        if (start === url) await page.locator("a[href='#i900']").click();
        await expect.poll(() => page.evaluate(top), { timeout: 5000 }).toBeGreaterThanOrEqual(0);
        expect(await page.evaluate(top)).toBeLessThan(SIZES.phone.height / 2);
      });
  });
});
