import { expect, test } from "vitest";
import { child, parseYaml, scalarOf, scalarsOf } from "./yaml.ts";

test("scalars stay as written, with their lines", () => {
  const { root } = parseYaml("network:\n  version: 2\n  on: yes\n  list: [a, 'b']\n");
  expect(scalarOf(child(root, "network", "on"))).toBe("yes");
  expect(scalarsOf(child(root, "network", "list"))).toEqual(["a", "b"]);
  expect(child(root, "network", "on")?.line).toBe(3);
});

test.each([
  ["an open bracket", "a: ["],
  ["brackets without end", "[".repeat(60_000)],
  ["maps without end", "{a: ".repeat(15_000)],
  ["more than people write", "a: b\n".repeat(20_000)],
  ["aliases without end", `a: &a [x]\n${"b: *a\n".repeat(9000)}`],
])(
  "%s is refused in bounded time",
  (_name, text) => {
    expect(parseYaml(text).error).toBeDefined();
  },
  20_000,
);

test("a bomb of aliases stays small", () => {
  const levels = Array.from({ length: 20 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(8)}]`);
  expect(parseYaml(`l0: &l0 [x]\n${levels.join("\n")}\n`).error).toBeUndefined();
});
