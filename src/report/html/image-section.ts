import type { Prediction, Step } from "../../model/prediction.ts";
import type { ScanResult } from "../../model/report.ts";
import { osLabel } from "../describe.ts";
import { evidenceBlocks } from "./evidence-block.ts";
import { findings } from "./findings.ts";
import { cut, html, type Markup, NOTHING, named } from "./markup.ts";
import { reading } from "./reading.ts";
import { badge } from "./verdicts.ts";

const SENTENCE_MAX = 1200;
const STEPS_MAX = 60;

const SHORT_MAX = 400;

/** All that is known of one image, in the order a reader asks for it. */
export function imageSection(result: ScanResult, at: number): Markup {
  const { prediction } = result;
  const id = `i${at + 1}`;
  return html`<article id="${id}" class="${result.verdict}" aria-labelledby="${id}t">
${heading(result, id, SENTENCE_MAX)}
${facts(result)}${prediction === undefined ? NOTHING : html`${story(prediction)}${blindSpots(prediction)}`}${findings(result.findings)}${reading(result)}<p class="up"><a href="#images">All images</a></p></article>
`;
}

/** What decides, what to do and what was not read, for pages of many images. */
export function briefSection(result: ScanResult, at: number): Markup {
  const { prediction, findings: all, unread, policy } = result;
  const id = `i${at + 1}`;
  const decides = prediction?.deciding ?? [];
  const turns = (prediction?.blindSpots ?? []).filter(({ decisive }) => decisive);
  const failed = all.filter(({ outcome }) => outcome !== "pass" && outcome !== "not-applicable");
  const lines = [
    ...decides
      .slice(-2)
      .map(
        ({ layer, text, evidence }) =>
          html`<b>${layer}</b> ${named(text, SHORT_MAX)}${evidenceBlocks(evidence.slice(0, 2))}`,
      ),
    ...turns.slice(0, 2).map(({ text }) => html`<b>Can turn the answer around</b> ${named(text, SHORT_MAX)}`),
    ...failed
      .slice(0, 3)
      .map(
        ({ title, message, remedy }) =>
          html`<b>${named(title, 120)}</b> ${named(message, SHORT_MAX)}${remedy === "" ? NOTHING : html` <b>Fix</b> ${named(remedy, SHORT_MAX)}`}`,
      ),
    ...unread
      .slice(0, 2)
      .map(({ what, reason }) => html`<b>Not read</b> <code>${cut(what, 200)}</code> ${named(reason, 200)}`),
  ];
  const more = [
    ...(failed.length > 3 ? [`${failed.length - 3} more findings`] : []),
    ...(unread.length > 2 ? [`${unread.length - 2} more that was not read`] : []),
  ];
  const about =
    prediction === undefined ? "" : `IPv6 ${prediction.state}, addresses ${prediction.addressing}, `;
  return html`<article id="${id}" class="${result.verdict}" aria-labelledby="${id}t">
${heading(result, id, SHORT_MAX)}<p class="m">${about}${osLabel(result.image.os)}, policy ${cut(policy, 80)}${more.length > 0 ? `; ${more.join(", ")} in the JSON` : ""}</p>${lines.length > 0 ? html`<ul class="plain">${lines.map((line) => html`<li>${line}</li>`)}</ul>` : NOTHING}</article>
`;
}

/** Only that the image is there: its line of the table says the rest. */
export function nameSection({ image, verdict }: ScanResult, at: number): Markup {
  return html`<article id="i${at + 1}" class="${verdict}" aria-label="${cut(image.name, 100)}">${badge(verdict)} ${named(image.name, 100)}</article>
`;
}

function heading({ image, verdict, reason }: ScanResult, id: string, reasonMax: number): Markup {
  return html`<header>${badge(verdict)}<h3 id="${id}t">${named(image.name)}</h3>${image.id === image.name ? NOTHING : html`<p class="id"><code>${cut(image.id, 400)}</code></p>`}<p class="why">${named(reason, reasonMax)}</p></header>`;
}

function facts({ image, policy, prediction }: ScanResult): Markup {
  const pairs: [string, Markup | string][] = [
    ["System", named(image.os.name, 120)],
    ["Known as", osLabel(image.os)],
    ["Policy", named(policy, 120)],
  ];
  if (prediction !== undefined) {
    const { kind, filtersIpv6 } = prediction.firewall;
    const filters = { true: "filters IPv6", false: "does not filter IPv6", unknown: "filters IPv6: unknown" };
    pairs.unshift(
      ["IPv6 after the first boot", html`<strong>${prediction.state}</strong> (${confidence(prediction)})`],
      ["Stack", prediction.stack],
      ["Addresses", prediction.addressing],
      ["Firewall", kind === "none" ? "none" : `${kind}, ${filters[`${filtersIpv6}`]}`],
    );
    // Windows has no such switches.
    if (image.os.type !== "windows") pairs.splice(4, 0, ["disable_ipv6", switches(prediction)]);
  }
  return html`<dl class="facts">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function confidence({ confidence: level }: Prediction): string {
  return { certain: "certain", likely: "likely: a documented assumption was made", none: "not predicted" }[
    level
  ];
}

function switches({ disableIpv6 }: Prediction): Markup {
  const { all, default: preset, lo, nic, ...others } = disableIpv6;
  const entries = [["all", all], ["default", preset], ["lo", lo], ["nic", nic], ...Object.entries(others)];
  return html`${entries.map(([name, value], at) => html`${at > 0 ? " " : ""}<code>${cut(String(name), 40)}=${value}</code>`)}`;
}

function story({ steps, deciding }: Prediction): Markup {
  if (steps.length === 0) return NOTHING;
  const shown = steps.slice(0, STEPS_MAX);
  const more = steps.length - shown.length;
  return html`<h4>Step by step, in boot order</h4><ol class="steps">${shown.map((step) => stepItem(step, step.decides === true || deciding.includes(step)))}</ol>${more > 0 ? html`<p class="m">${more} more steps in the JSON</p>` : NOTHING}`;
}

function stepItem({ layer, text, evidence }: Step, decides: boolean): Markup {
  return html`<li${decides ? html` class="d"` : NOTHING}><span class="l">${layer}</span> ${named(text, SENTENCE_MAX)}${decides ? html` <strong class="mark">decides</strong>` : NOTHING}${evidenceBlocks(evidence)}</li>`;
}

function blindSpots({ blindSpots: spots }: Prediction): Markup {
  if (spots.length === 0) return NOTHING;
  const decisiveFirst = spots.toSorted((a, b) => Number(b.decisive) - Number(a.decisive));
  return html`<h4>What cannot be followed from the disk alone</h4><ul class="steps">${decisiveFirst.map(
    ({ layer, text, decisive, evidence }) =>
      html`<li><span class="l">${layer}</span> ${named(text, SENTENCE_MAX)}${decisive ? html` <strong class="mark">can turn the answer around</strong>` : NOTHING}${evidenceBlocks(evidence)}</li>`,
  )}</ul>`;
}
