/** Filters and sorts the table and the sections below it. Everything is there and readable without it. */
export const SCRIPT = `(() => {
"use strict";
const table = document.getElementById("table");
if (!table) return;
const body = table.tBodies[0];
const rows = [...body.rows].map((row, at) => {
  const cells = [...row.cells].map((cell) => cell.textContent.trim());
  const section = document.getElementById(row.querySelector("a").hash.slice(1));
  return { row, at, cells, section, verdict: cells[0], provider: cells[5], text: cells.join(" ").toLowerCase(), all: "" };
});
const filters = document.getElementById("filters");
const search = document.getElementById("search");
const provider = document.getElementById("provider");
const boxes = [...filters.querySelectorAll("input[type=checkbox]")];
const shown = document.getElementById("shown");
function apply() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  let count = 0;
  for (const one of rows) {
    if (words.length > 0 && one.all === "") one.all = one.text + " " + one.section.textContent.toLowerCase();
    const on = verdicts.has(one.verdict) && (!provider || provider.value === "" || provider.value === one.provider)
      && words.every((word) => one.all.includes(word));
    one.row.hidden = one.section.hidden = !on;
    if (on) count++;
  }
  shown.textContent = count === rows.length ? rows.length + " images" : count + " of " + rows.length + " images";
}
let waiting = 0;
search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
for (const one of [provider, ...boxes]) if (one) one.addEventListener("change", apply);
const order = ["flagged", "unreadable", "review", "waived", "pass"];
const compare = new Intl.Collator("en", { numeric: true }).compare;
const heads = [...table.tHead.rows[0].cells];
heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const by = column === 0 ? (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) : (a, b) => compare(a.cells[column], b.cells[column]);
    rows.sort((a, b) => (down ? -by(a, b) : by(a, b)) || a.at - b.at);
    body.append(...rows.map(({ row }) => row));
    rows[0].section.parentNode.append(...rows.map(({ section }) => section));
  });
});
filters.hidden = false;
apply();
})();
`;
