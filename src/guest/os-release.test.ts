import { expect, test } from "vitest";
import { parseOsRelease } from "./os-release.ts";

test("unquotes as a shell would", () => {
  const text = `NAME="Debian \\"GNU\\"/Linux"\nID=debian\nID_LIKE='a b'\n# ID=x\n  VERSION_ID=12\nbad line\nPRETTY_NAME=a\\ b\n`;
  expect(Object.fromEntries(parseOsRelease(text))).toEqual({
    NAME: 'Debian "GNU"/Linux',
    ID: "debian",
    ID_LIKE: "a b",
    VERSION_ID: "12",
    PRETTY_NAME: "a b",
  });
});
