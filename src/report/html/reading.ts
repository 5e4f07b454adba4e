import type { BootFacts } from "../../model/boot.ts";
import type { Access, ReadCost, ScanResult } from "../../model/report.ts";
import { placeOf } from "../evidence.ts";
import { cut, html, type Markup, NOTHING, named } from "./markup.ts";

const UNREAD_MAX = 50;

/** What boots, what was read and at what cost, and what was not read. */
export function reading(result: ScanResult): Markup {
  const { boot, notes, access, cost, unread } = result;
  return html`${boot === undefined ? NOTHING : booted(boot)}<h4>What was not read</h4>${unreadList(unread)}<h4>How it was read</h4><ul class="plain"><li>${costText(cost)}</li>${access === undefined ? NOTHING : html`<li>${reached(access)}</li>`}${notes.map((note) => html`<li>${named(note, 600)}</li>`)}</ul>`;
}

function booted(boot: BootFacts): Markup {
  const { loader, entry, kernelPath, kernelVersion, cmdline, cmdlineUnknown, cmdlineEvidence, nicNames } =
    boot;
  const from = cmdlineEvidence.map((one) => placeOf(one));
  const pairs: readonly (readonly [string, Markup | undefined])[] = [
    ["Loader", loader === undefined ? undefined : named(loader)],
    ["Entry", entry === undefined ? undefined : named(entry)],
    ["Kernel", named(kernelPath ?? kernelVersion ?? "unknown")],
    [
      "Command line",
      cmdline === undefined
        ? named(`unknown: ${cmdlineUnknown ?? ""}`, 600)
        : html`<code>${cut(cmdline, 2000)}</code>`,
    ],
    ["From", from.length === 0 ? undefined : html`<code>${cut(from.join(", "), 600)}</code>`],
    ["Interface", nicNames.length === 0 ? undefined : named(nicNames.join(", "))],
  ];
  return html`<h4>What boots</h4><dl class="boot">${pairs.map(([name, value]) => (value === undefined ? NOTHING : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>${boot.notes.length > 0 ? html`<ul class="plain">${boot.notes.map((note) => html`<li>${named(note, 600)}</li>`)}</ul>` : NOTHING}`;
}

function unreadList(unread: ScanResult["unread"]): Markup {
  if (unread.length === 0) return html`<p class="m">Nothing that was asked for was left unread.</p>`;
  const more = unread.length - UNREAD_MAX;
  return html`<ul class="unread">${unread.slice(0, UNREAD_MAX).map(({ what, reason }) => html`<li><code>${cut(what, 400)}</code> ${named(reason, 600)}</li>`)}</ul>${more > 0 ? html`<p class="m">${more} more in the JSON</p>` : NOTHING}`;
}

function costText({ reads, bytes, rounds, requests }: ReadCost): string {
  const size = bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
  return `${size} in ${reads} reads, ${rounds} rounds${requests === undefined ? "" : `, ${requests} requests`}`;
}

function reached({ rung, booted: started, created, costUsd, checksums }: Access): string {
  return [
    `Reached by ${rung}`,
    ...(started ? ["the image was started: what it holds may differ from what is shipped"] : []),
    ...(created.length > 0 ? [`made ${created.join(", ")}`] : []),
    ...(checksums === "verified" ? ["every block's checksum was verified"] : []),
    ...(costUsd === undefined ? [] : [`about ${costUsd.toFixed(4)} USD`]),
  ].join("; ");
}
