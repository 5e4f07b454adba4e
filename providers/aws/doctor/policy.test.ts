import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { policyFor, ROLES } from "./policy.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README shows the roles as they are", () => {
  const shown = [...README.matchAll(/```json\n(.*?)\n```/gs)].map(([, json = ""]) => JSON.parse(json));
  expect(shown).toEqual([ROLES.enumerate, ROLES.extract, ROLES.launch]);
});

test("what removes is allowed for what carries our tag only", () => {
  const { Statement } = policyFor(["ec2:DeleteSnapshot", "ec2:CopySnapshot"]);
  expect(Statement).toEqual([
    { Sid: "Copy", Effect: "Allow", Action: ["ec2:CopySnapshot"], Resource: "*" },
    {
      Sid: "RemoveCopies",
      Effect: "Allow",
      Action: ["ec2:DeleteSnapshot"],
      Resource: "*",
      Condition: { Null: { "aws:ResourceTag/sixray:run": "false" } },
    },
  ]);
});
