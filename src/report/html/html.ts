import { createHash } from "node:crypto";
import type { Report, TextReporter } from "../../model/report.ts";
import { json } from "../json.ts";
import { html as markup, NOTHING, raw } from "./markup.ts";
import { SCRIPT } from "./script.ts";
import { imageSections } from "./sections.ts";
import { STYLE } from "./style.ts";
import { summary } from "./summary.ts";
import { imageTable } from "./table.ts";
import { BY_URGENCY, shapes } from "./verdicts.ts";

/**
 * One file that needs nothing else: no request, no script to be read, no style from outside (Content Security Policy
 * Level 3, by the hashes of the two that are inside). Sizes of what images say are bounded; the JSON has all of it.
 */
export const html: TextReporter = {
  id: "html",
  mediaType: "text/html",
  fileExtension: ".html",
  render(report, options) {
    const digest = createHash("sha256").update(json.render(report, options)).digest("hex");
    return page(report, digest);
  },
};

/** 1,000 images stay below 5 MB. */
const BYTES_MAX = 4_800_000;
/** What the sections get even where the table of very many images takes more than its share. */
const SECTIONS_BYTES_MIN = 1_000_000;

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function page(report: Report, digest: string): string {
  const results = report.results.toSorted(
    (a, b) => BY_URGENCY.indexOf(a.verdict) - BY_URGENCY.indexOf(b.verdict),
  );
  const policy = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  const policies = [...new Set(results.map((result) => result.policy))].filter((id) => id !== "");
  const before = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${raw(policy)}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>IPv6 on base images${report.day === undefined ? "" : `, ${report.day}`}</title><style>${raw(STYLE)}</style></head>
<body>${shapes()}<a class="skip" href="#images">Skip to the images</a>
<header class="top"><p class="brand">sixray</p><h1>Which base images come up speaking IPv6?</h1><p class="m">${report.day === undefined ? NOTHING : markup`Held against waivers and reviews of ${report.day}. `}${report.engine === "" ? NOTHING : markup`Made by ${report.engine}. `}${policies.length > 0 ? `Policies: ${policies.join(", ")}.` : ""}</p></header>
<main>
${summary(report)}
${imageTable(results)}
<section aria-labelledby="each" class="each"><h2 id="each">Image by image</h2>
`;
  const after = markup`</section>
</main>
<footer><h2>What this does not prove</h2><p>sixray reads disks; it starts nothing. It tells what the first boot will do with what lies in the image. What a cloud, a user's data or a later change makes of a running machine is not in it, and each blind spot above says so for its image. What could not be read is never counted as a pass.</p><h2>How to check it</h2><p>This page is made from the canonical report (<code>--format json</code>) and says nothing that is not in it. SHA-256 of that file:</p><p><code class="hash">${digest}</code></p><p>Judge the evidence again, offline, with <code>sixray evaluate</code>, and compare with <code>sixray verify</code>.</p></footer>
<script>${raw(SCRIPT)}</script></body></html>
`;
  const left = BYTES_MAX - Buffer.byteLength(before.markup) - Buffer.byteLength(after.markup);
  return `${before.markup}${imageSections(results, Math.max(left, SECTIONS_BYTES_MIN)).markup}${after.markup}`;
}
