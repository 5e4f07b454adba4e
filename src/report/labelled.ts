import { padEnd, wrap } from "./columns.ts";
import type { Paint } from "./style.ts";

/** Lines under one label: `  why     The text, wrapped, with its later lines below its first.` */
export function labelled(
  label: string,
  texts: readonly string[],
  layout: { readonly columns: number; readonly paint: Paint; readonly labelWidth: number },
): readonly string[] {
  const indent = layout.labelWidth + 2;
  const lines = texts.flatMap((text) => wrap(text, layout.columns - indent));
  return lines.map((line, i) =>
    i === 0
      ? `  ${layout.paint("dim", padEnd(label, layout.labelWidth))}${line}`
      : `${" ".repeat(indent)}${line}`,
  );
}
