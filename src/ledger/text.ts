/**
 * Postgres keeps neither NUL nor lone surrogates, both of which file names and ids may bring along. They are told as
 * the replacement character; keys are digests of the untouched text.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}
