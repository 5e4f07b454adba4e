/** C's base-0 digits: 0x hexadecimal, leading 0 octal, else decimal. */
const BASE_0 = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))/;

/**
 * A module parameter of type int, as the kernel's param_set_int reads it: base 0, nothing but one newline
 * behind the number. Undefined when the kernel refuses it and the parameter stays as it was.
 */
export function parameterValue(text: string): number | undefined {
  const found = /^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)\n?$/.test(text) ? BASE_0.exec(text) : null;
  if (!found || found[0].length !== text.trimEnd().length) return undefined;
  const value = numberOf(found);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

/** A token that fills the kernel's buffer is refused, whatever its value. Source: TMPBUFLEN, kernel/sysctl.c. */
const TOKEN_MAX = 20;

/**
 * What a write to a sysctl of type int stores: the first number, base 0, up to white space; what follows is
 * ignored. Undefined for EINVAL. Source: kernel/sysctl.c, proc_dointvec and proc_get_long.
 */
export function sysctlValue(text: string): number | undefined {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, "");
  const found = BASE_0.exec(trimmed);
  if (!found || found[1] === "+" || found[0].length > TOKEN_MAX) return undefined;
  if (!/^(?:$|[ \t\n])/.test(trimmed.slice(found[0].length))) return undefined;
  const value = numberOf(found);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

function numberOf([, sign, hex, octal, decimal]: RegExpExecArray): number {
  const [digits, base] =
    hex !== undefined ? [hex, 16] : octal !== undefined ? [octal || "0", 8] : [decimal ?? "0", 10];
  return Number.parseInt(digits, base) * (sign === "-" ? -1 : 1);
}
