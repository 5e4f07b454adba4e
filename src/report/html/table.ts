import type { ScanResult } from "../../model/report.ts";
import { decidingLine, osLabel } from "../describe.ts";
import { breakable, html, type Markup, NOTHING, named } from "./markup.ts";
import { BY_URGENCY, badge } from "./verdicts.ts";

const DECIDED_MAX = 160;

/** Filters stay hidden and titles plain text until the script makes them work. */
export function imageTable(results: readonly ScanResult[]): Markup {
  if (results.length === 0) return NOTHING;
  return html`<section aria-labelledby="images"><h2 id="images">Images</h2>
${filters(results)}
<table id="table"><caption class="vh">Images and their verdicts, the most urgent first</caption>
<thead><tr>${["Verdict", "IPv6", "Image", "System", "Family", "Provider"].map((title, at) => html`<th scope="col"${at > 2 ? html` class="wide"` : NOTHING}>${title}</th>`)}</tr></thead>
<tbody>${results.map(row)}</tbody></table></section>`;
}

function row(result: ScanResult, at: number): Markup {
  const { image, verdict, prediction } = result;
  return html`<tr><td>${badge(verdict)}</td><td>${prediction?.state ?? "–"}</td><td><a href="#i${at + 1}">${named(image.name)}</a><br><small>${breakable(decidingLine(result, DECIDED_MAX))}</small></td><td class="wide">${named(osLabel(image.os), 60)}</td><td class="wide">${named(image.family, 120)}</td><td class="wide">${named(image.provider, 60)}</td></tr>
`;
}

function filters(results: readonly ScanResult[]): Markup {
  const verdicts = BY_URGENCY.filter((verdict) => results.some((result) => result.verdict === verdict));
  const providers = [...new Set(results.map(({ image }) => image.provider))].toSorted();
  const boxes = verdicts.map(
    (verdict) => html`<label><input type="checkbox" value="${verdict}" checked>${badge(verdict)}</label>`,
  );
  const choice =
    providers.length < 2
      ? NOTHING
      : html`<label class="f">Provider <select id="provider"><option value="">all</option>${providers.map((provider) => html`<option>${provider}</option>`)}</select></label>`;
  return html`<div id="filters" hidden><label class="f">Search <input type="search" id="search" placeholder="name, family, system, file&hellip;" autocomplete="off"></label>${choice}<fieldset><legend class="vh">Verdicts shown</legend>${boxes}</fieldset><p id="shown" role="status"></p></div>`;
}
