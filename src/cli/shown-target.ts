/** A target as it may be printed and kept: an address without its query, which may be a signature, or a password. */
export function shownTarget(target: string): string {
  if (!/^https?:/i.test(target)) return target;
  const url = URL.parse(target);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : target.replace(/[?#].*|\/\/.*@/gs, "");
}
