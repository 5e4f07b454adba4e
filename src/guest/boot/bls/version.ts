/**
 * Two ways to compare versions.
 * `compareRpm`: segments of letters or digits, as rpm and Fedora's GRUB do it (rpm(8), "rpmvercmp").
 * `compareSystemd`: https://uapi-group.org/specifications/specs/version_format_specification/
 */

/** Above 0 when `a` is newer. */
export function compareRpm(a: string, b: string): number {
  if (a === b) return 0;
  let left = a;
  let right = b;
  while (left !== "" || right !== "") {
    left = left.replace(/^[^A-Za-z0-9~]+/, "");
    right = right.replace(/^[^A-Za-z0-9~]+/, "");
    if (left.startsWith("~") || right.startsWith("~")) {
      if (!left.startsWith("~")) return 1;
      if (!right.startsWith("~")) return -1;
      left = left.slice(1);
      right = right.slice(1);
      continue;
    }
    if (left === "" || right === "") break;
    const numeric = /^[0-9]/.test(left);
    const segment = numeric ? /^[0-9]*/ : /^[A-Za-z]*/;
    const [one = ""] = segment.exec(left) ?? [];
    const [two = ""] = segment.exec(right) ?? [];
    if (two === "") return numeric ? 1 : -1;
    const order = numeric ? compareDigits(one, two) : compareText(one, two);
    if (order !== 0) return order;
    left = left.slice(one.length);
    right = right.slice(two.length);
  }
  if (left === "" && right === "") return 0;
  return left === "" ? -1 : 1;
}

/** Entry ids as Fedora's GRUB orders them: `name-version-release`, part by part. */
export function compareBlsIds(a: string, b: string): number {
  const [nameA, versionA, releaseA] = splitId(a);
  const [nameB, versionB, releaseB] = splitId(b);
  return compareRpm(nameA, nameB) || compareRpm(versionA, versionB) || compareRpm(releaseA, releaseB);
}

function splitId(id: string): readonly [string, string, string] {
  const last = id.lastIndexOf("-");
  if (last === -1) return [id, "", ""];
  const release = id.slice(last + 1);
  const middle = id.lastIndexOf("-", last - 1);
  if (middle === -1 || last === 0) return [id.slice(0, last), release, ""];
  return [id.slice(0, middle), id.slice(middle + 1, last), release];
}

/** Above 0 when `a` is newer. */
export function compareSystemd(a: string, b: string): number {
  let left = a;
  let right = b;
  for (;;) {
    left = left.replace(/^[^A-Za-z0-9~\-^.]+/, "");
    right = right.replace(/^[^A-Za-z0-9~\-^.]+/, "");
    for (const mark of ["~", "", "-", "^", "."]) {
      // An end comes before everything but a pre-release's `~`.
      if (mark === "" && (left === "" || right === "")) return Math.sign(left.length - right.length);
      if (mark === "" || (!left.startsWith(mark) && !right.startsWith(mark))) continue;
      // Whoever has the mark is older.
      if (!left.startsWith(mark)) return 1;
      if (!right.startsWith(mark)) return -1;
      left = left.slice(1);
      right = right.slice(1);
    }
    const numeric = /^[0-9]/.test(left) || /^[0-9]/.test(right);
    const segment = numeric ? /^[0-9]*/ : /^[A-Za-z]*/;
    const [one = ""] = segment.exec(left) ?? [];
    const [two = ""] = segment.exec(right) ?? [];
    const empty = Number(one !== "") - Number(two !== "");
    const order = numeric ? empty || compareDigits(one, two) : compareText(one, two);
    if (order !== 0) return order;
    left = left.slice(one.length);
    right = right.slice(two.length);
  }
}

function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  return Math.sign(left.length - right.length) || compareText(left, right);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
