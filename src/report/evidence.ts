import type { Evidence } from "../model/locator.ts";
import { displayWidth, truncateAround, truncateEnd, truncateMiddle } from "./columns.ts";
import { escapeText } from "./escape.ts";

const SEPARATOR = " > ";
const TEXT_MAX = 2000;

/** The part of a locator inside the file system: from the first step that is an absolute path; else its last step. */
export function pathOf(locator: string): string {
  const path = locator.indexOf(`${SEPARATOR}/`);
  const at = path < 0 ? locator.lastIndexOf(SEPARATOR) : path;
  return at < 0 ? locator : locator.slice(at + SEPARATOR.length);
}

/** What {@link pathOf} leaves out: image, container, partition and file system; empty when there is nothing. */
export function chainOf(locator: string): string {
  const path = pathOf(locator);
  return locator.length === path.length ? "" : locator.slice(0, -path.length - SEPARATOR.length);
}

/** A line of an image as people read it: tabs and runs of blanks as one blank, and nothing hidden. */
export function visibleText(text: string): string {
  const folded = text.replace(/[\t ]+/g, " ").trim();
  return escapeText(folded.length > TEXT_MAX ? `${folded.slice(0, TEXT_MAX)} ...` : folded);
}

/** `/etc/sysctl.d/60-ipv6.conf:3`. */
export function placeOf({ locator, line }: Evidence): string {
  return `${escapeText(pathOf(locator))}${line === undefined ? "" : `:${line}`}`;
}

/** `/etc/sysctl.d/60-ipv6.conf:3: net.ipv6...`, all of it. */
export function evidenceText(evidence: Evidence): string {
  const place = placeOf(evidence);
  return evidence.text === undefined ? place : `${place}: ${visibleText(evidence.text)}`;
}

/** The same in one line of `width` columns: the file's path gives way first, and what names IPv6 stays in sight. */
export function evidenceLine(evidence: Evidence, width: number): string {
  const place = placeOf(evidence);
  if (evidence.text === undefined) return truncateMiddle(place, width);
  const text = visibleText(evidence.text);
  const placeWidth = Math.max(Math.floor(width / 2), width - 2 - displayWidth(text));
  const shown = truncateMiddle(place, placeWidth);
  const rest = width - displayWidth(shown) - 2;
  return rest < 8
    ? truncateEnd(`${shown}: ${text}`, width)
    : `${shown}: ${truncateAround(text, rest, /ipv6/i)}`;
}
