import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { missing } from "../../test/support/images.ts";
import { VAR_TYPE } from "./discoverable.ts";
import { varUuid } from "./var.ts";

test.skipIf(missing("systemd-id128"))("the UUID of /var is what systemd makes of this machine's ID", () => {
  const id = readFileSync("/etc/machine-id", "utf8");
  const made = execFileSync("systemd-id128", ["machine-id", "-u", `--app-specific=${VAR_TYPE}`]);
  expect(varUuid(id)).toBe(made.toString().trim());
});

test.each(["", "uninitialized\n", "0".repeat(32), "abc"])("%j is no machine ID", (id) => {
  expect(varUuid(id)).toBeUndefined();
});
