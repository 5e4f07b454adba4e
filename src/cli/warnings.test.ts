import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { tellWarnings } from "./warnings.ts";

function told(name: string, message: string): string {
  let out = "";
  const emitter = new EventEmitter();
  emitter.on("warning", () => {
    out += "by Node.js";
  });
  tellWarnings(emitter, {
    err: (text) => {
      out += text;
    },
  });
  emitter.emit("warning", Object.assign(new Error(message), { name }));
  return out;
}

test("a warning of a library is one line", () => {
  expect(told("DeprecationWarning", "old\u001b[2J")).toBe("sixray: DeprecationWarning: old\\x1b[2J\n");
});

test("what comes back as a failure is not told twice", () => {
  expect(told("MetadataLookupWarning", "received unexpected error")).toBe("");
});
