import { expect, test } from "vitest";
import { packsOf, textOf } from "../scripts/packs.ts";

const inputs = { "src/a.ts": { bytesInOutput: 1 } };
const output = { bytes: 0, exports: [], inputs };
const METAFILE = {
  inputs: {},
  outputs: {
    "dist/bin.js": {
      ...output,
      entryPoint: "src/bin.ts",
      imports: [{ path: "dist/chunk-A.js", kind: "import-statement" as const }],
    },
    "dist/chunk-A.js": { ...output, imports: [] },
    "dist/late.js": { ...output, entryPoint: "src/late.ts", imports: [] },
  },
};
const PACKS = packsOf(METAFILE, new Map([["start", ["src/bin.ts"]]]), () => "rest");

function packed(text: string): string {
  return textOf("rest", PACKS, new Map([["late.js", text]]));
}

test("a pack holds what its entry points import, before them; the rest goes where it is told", () => {
  expect([...PACKS]).toEqual([
    ["start", ["chunk-A.js", "bin.js"]],
    ["rest", ["late.js"]],
  ]);
});

test("imports and exports of all kinds become those of a function", () => {
  const text = packed(
    'import{a as b,c}from"./chunk-A.js";import"./bin.js";var d=()=>import("./late.js");export{d as e,b};',
  );
  expect(text).toContain(
    'const{a:b,c}=$use("start/0");$use("start/1");var d=()=>$load("rest/0");return{e:d,b}}',
  );
  expect(packed("var x=1;export default x();")).toContain("return $namespace(x())");
});

test.each([
  [
    "an export that is assigned to later",
    "var a=1;function f(){a=2}export{a,f};",
    /a is exported, and assigned/,
  ],
  ["what is imported from elsewhere", 'import{a}from"pg";a();', /what is/],
  ["import() of anything else", 'var a=import("pg");', /what is/],
  ["a chunk that is nowhere", 'import{a}from"./chunk-Z.js";', /in no pack/],
])("%s is refused", (_, text, message) => {
  expect(() => packed(text)).toThrow(message);
});
