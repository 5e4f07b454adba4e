export type Family = 4 | 6;

const PREFIX_MAX: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** Of an address without its length; undefined: it is none. Source: inet_pton(3). */
export function familyOf(text: string): Family | undefined {
  if (isFour(text)) return 4;
  return isSix(text) ? 6 : undefined;
}

/** `address/length`; undefined where either is none. */
export function familyOfNetwork(text: string): Family | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = familyOf(address);
  const isLength = /^\d{1,3}$/.test(length) && family !== undefined && Number(length) <= PREFIX_MAX[family];
  return isLength && rest.length === 0 ? family : undefined;
}

function isFour(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isSix(text: string): boolean {
  const last = text.slice(text.lastIndexOf(":") + 1);
  // Four bytes at the end may be written as IPv4 has them.
  const plain = isFour(last) ? `${text.slice(0, -last.length)}0:0` : text;
  const halves = plain.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const isShort = halves.length === 2;
  return (
    groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group)) &&
    (isShort ? groups.length < 8 : groups.length === 8)
  );
}
