import type { AppliedWaiver, Finding, Outcome, PlaceCheck } from "../../model/finding.ts";
import { evidenceBlocks } from "./evidence-block.ts";
import { html, type Markup, NOTHING, named } from "./markup.ts";

const SENTENCE_MAX = 1200;

const WORD: Readonly<Record<Outcome, string>> = {
  pass: "pass",
  fail: "flagged",
  review: "review",
  unknown: "unreadable",
  "not-applicable": "none",
};

/** What each rule says, with the places it names. */
export function findings(all: readonly Finding[]): Markup {
  return all.length === 0 ? NOTHING : html`<h4>What the rules say</h4>${all.map(one)}`;
}

function one(finding: Finding): Markup {
  const { rule, title, severity, section, outcome, message, remedy, checks, checklist, controls, waiver } =
    finding;
  return html`<div class="r"><h5><span class="o ${WORD[outcome]}">${outcome}</span>${named(title)}</h5><p class="m">${named(rule, 100)}, ${severity}, ${named(section, 100)}${(controls ?? []).map(({ catalogue, id }) => html`; ${named(catalogue, 80)} ${named(id, 40)}`)}</p><p>${named(message, SENTENCE_MAX)}</p>${waiver === undefined ? NOTHING : waived(waiver)}${remedy === "" ? NOTHING : html`<p class="fix"><b>Fix</b> ${named(remedy, SENTENCE_MAX)}</p>`}${checks.length > 0 ? places(checks) : NOTHING}${checklist === undefined || checklist.length === 0 ? NOTHING : html`<p><b>To confirm on a running instance</b></p><ul>${checklist.map(({ confirm, command, expected }) => html`<li>${named(confirm, SENTENCE_MAX)}<br><code>${command}</code> should print <code>${expected}</code></li>`)}</ul>`}</div>`;
}

function waived({ id, state, reason, approvedBy, expires }: AppliedWaiver): Markup {
  const until =
    state === "applies" ? `holds until ${expires}` : `expired on ${expires}: the finding is open again`;
  return html`<p class="fix"><b>Waiver</b> ${named(id, 100)} by ${named(approvedBy, 100)}, ${until}: ${named(reason, SENTENCE_MAX)}</p>`;
}

/** A table would not fit a telephone: a list of places, each with its outcome before it. */
function places(checks: readonly PlaceCheck[]): Markup {
  return html`<ul class="places">${checks.map(
    ({ place, outcome, message, evidence }) =>
      html`<li><span class="p ${outcome}">${outcome}</span><div><code>${place}</code><p>${named(message, SENTENCE_MAX)}</p>${evidenceBlocks(evidence.filter(({ text }) => text !== undefined))}</div></li>`,
  )}</ul>`;
}
