import { expect, test } from "vitest";
import { OTHER, OWN } from "../support/aws/cloud.ts";
import { awsLab, type Lab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

/** Requests that were sent more than once. */
function repeated(log: readonly string[]): readonly string[] {
  return log.filter((line, at) => log.indexOf(line) !== at);
}

async function access(lab: Lab, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { out } = await lab.sixray("scan", ...args, "--format", "json");
  const report: { results: { verdict: string; access?: object; reason: string }[] } = JSON.parse(out);
  const [result] = report.results;
  return { verdict: result?.verdict, ...(result?.access ?? { reason: result?.reason }) };
}

test("an own image is read in place: nothing is created, no request is repeated", async () => {
  const lab = await awsLab();
  const root = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"));
  const data = lab.cloud.addSnapshot(await sampleDisk("on"));
  const image = lab.cloud.addImage(root, { dataSnapshots: [data.id] });
  expect(await access(lab, `aws:us-east-1/${image.id}`)).toMatchObject({
    verdict: "pass",
    rung: "direct",
    booted: false,
    created: [],
    checksums: "verified",
  });
  expect(repeated(lab.log)).toEqual([]);
  expect(lab.log.filter((line) => line.startsWith("ebs List"))).toHaveLength(1);
  expect(lab.log.some((line) => line.includes(data.id))).toBe(false);
});

test("the text report says what reading took, in requests, MiB and USD", async () => {
  const lab = await awsLab();
  const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("off-sysctl")));
  const { out } = await lab.sixray("scan", `aws:us-east-1/${image.id}`);
  expect(out).toMatch(
    /^1 image read in a cloud: \d+ requests, \d+\.\d MiB, about 0\.\d{4} USD\n1 image: 1 pass$/m,
  );
  const [, requests] = / (\d+) requests/.exec(out) ?? [];
  // The one that listed the image belongs to no image.
  expect(Number(requests)).toBe(lab.log.length - 1);
});

test("a snapshot that is shared with the account is read in place", async () => {
  const lab = await awsLab();
  const shared = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, sharedWith: new Set([OWN]) });
  expect(await access(lab, `aws:us-east-1/${shared.id}`)).toMatchObject({
    verdict: "flagged",
    rung: "direct",
  });
  expect(lab.log.every((line) => line.startsWith("ebs "))).toBe(true);
});

test.each(["ami-zzzz", "snap-12"])(
  "%s has no form of an id: a usage error before any request",
  async (id) => {
    const lab = await awsLab();
    for (const command of ["scan", "list", "explain"]) {
      const { code, err } = await lab.sixray(command, `aws:us-east-1/${id}`);
      expect(err).toContain(`${id} is no id`);
      expect(code).toBe(2);
    }
    expect(lab.log).toEqual([]);
  },
);

test("a public image needs a copy, which has to be allowed and is gone afterwards", async () => {
  const lab = await awsLab();
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, public: true });
  const image = lab.cloud.addImage(snapshot);
  lab.behaviour.copyPolls = 3;
  const refused = await lab.sixray("scan", `aws:us-east-1/${image.id}`);
  expect(refused.code).toBe(3);
  expect(refused.out).toContain("copy-snapshot: would create a snapshot; --allow-create lets it");
  const found = await access(lab, `aws:us-east-1/${image.id}`, "--allow-create");
  expect(found).toMatchObject({ verdict: "flagged", rung: "copy-snapshot", booted: false });
  expect(found.created).toEqual([expect.stringMatching(/^snapshot snap-\w+ \(us-east-1\)$/)]);
  expect(lab.cloud.left).toEqual([]);
  expect(lab.cloud.snapshots.size).toBe(1);
});

test("an image whose snapshot is hidden is copied as an image", async () => {
  const lab = await awsLab();
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER });
  const image = lab.cloud.addImage(snapshot);
  lab.behaviour.copyPolls = 2;
  const found = await access(lab, `aws:us-east-1/${image.id}`, "--allow-create");
  expect(found).toMatchObject({ verdict: "flagged", rung: "copy-image" });
  expect(found.created).toHaveLength(2);
  expect(lab.cloud.left).toEqual([]);
  expect(lab.cloud.images.size).toBe(1);
});

test("starting the image is asked for apart, marks the evidence and leaves nothing", async () => {
  const lab = await awsLab();
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER });
  const image = lab.cloud.addImage(snapshot);
  lab.behaviour.denied.add("ec2:CopyImage");
  const target = `aws:us-east-1/${image.id}`;
  const held = await access(lab, target, "--allow-create");
  expect(held.reason).toContain("launch: would boot the image; --allow-boot lets it");
  const found = await access(lab, target, "--allow-create", "--allow-boot");
  expect(found).toMatchObject({ verdict: "flagged", rung: "launch", booted: true });
  expect(found.created).toHaveLength(3);
  expect(lab.cloud.left).toEqual([]);
  expect(lab.log.findIndex((line) => line.includes("TerminateInstances"))).toBeLessThan(
    lab.log.findIndex((line) => line.startsWith("ebs GetSnapshotBlock")),
  );
});

const V6_ONLY = { subnetId: "subnet-0cccccccccccccccc", ipv6Native: true };
const DUAL = { subnetId: "subnet-0dddddddddddddddd", assignIpv6AddressOnCreation: true };
const PLAIN = { subnetId: "subnet-0eeeeeeeeeeeeeeee", assignIpv6AddressOnCreation: false };

test.each([
  ["no subnet that gives it one is taken where there is another", [V6_ONLY, DUAL, PLAIN], PLAIN],
  ["it is refused where there is no other", [V6_ONLY, DUAL], DUAL],
  ["and one that has nothing else is not taken", [V6_ONLY], undefined],
])("an image that is started gets no IPv6 address: %s", async (_, subnets, taken) => {
  const lab = await awsLab();
  lab.behaviour.subnets = subnets;
  lab.behaviour.denied.add("ec2:CopyImage");
  const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER }));
  const found = await access(lab, `aws:us-east-1/${image.id}`, "--allow-create", "--allow-boot");
  if (taken) expect(found).toMatchObject({ verdict: "flagged", rung: "launch" });
  else expect(found.reason).toContain("there is no default subnet with IPv4 in us-east-1");
  expect([...lab.cloud.instances.values()].map(({ subnet }) => subnet)).toEqual(
    taken ? [taken.subnetId] : [],
  );
  expect(lab.cloud.left).toEqual([]);
});

test("copies may be made in another region", async () => {
  const lab = await awsLab({ copyRegion: "eu-central-1" });
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, public: true });
  const found = await access(lab, `aws:us-east-1/${lab.cloud.addImage(snapshot).id}`, "--allow-create");
  expect(found).toMatchObject({ verdict: "flagged", rung: "copy-snapshot" });
  expect(found.created).toEqual([expect.stringContaining("(eu-central-1)")]);
  expect(found.costUsd).toBeGreaterThan(0.02);
  expect(lab.cloud.left).toEqual([]);
});

test("what is new: owners, names, the latest of each family, architectures, regions, pages", async () => {
  const lab = await awsLab();
  lab.behaviour.pageImages = 2;
  const disk = await sampleDisk("on");
  for (const region of ["us-east-1", "eu-central-1"])
    for (const [day, name, architecture] of [
      ["2024-10-01", "al2023-ami-2023.5.20241001.0-kernel-6.1-x86_64", "x86_64"],
      ["2024-11-01", "al2023-ami-2023.6.20241101.0-kernel-6.1-x86_64", "x86_64"],
      ["2024-11-02", "al2023-ami-2023.6.20241102.0-kernel-6.1-arm64", "arm64"],
      ["2024-11-03", "Windows_Server-2022-English-Full-Base-2024.11.03", "x86_64"],
      ["2023-01-01", "al2023-ami-2023.0.20230101.0-kernel-6.1-x86_64", "x86_64"],
    ] as const) {
      const snapshot = lab.cloud.addSnapshot(disk, { owner: OTHER, region, public: true });
      lab.cloud.addImage(snapshot, {
        alias: "amazon",
        name,
        architecture,
        created: `${day}T10:00:00.000Z`,
        ...(name.startsWith("Win") ? { platform: "windows" } : {}),
        ...(day < "2024" ? { deprecated: "2024-01-01T00:00:00.000Z" } : {}),
      });
    }
  const names = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { out } = await lab.sixray("list", ...args, "--json");
    return out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { id, name }: { id: string; name: string } = JSON.parse(line);
        return `${id.split("/")[0]} ${name}`;
      });
  };
  expect(
    await names("aws:us-east-1", "--owner", "amazon", "--name", "al2023-ami-*", "--latest", "1"),
  ).toEqual([
    "aws:us-east-1 al2023-ami-2023.6.20241102.0-kernel-6.1-arm64",
    "aws:us-east-1 al2023-ami-2023.6.20241101.0-kernel-6.1-x86_64",
  ]);
  expect(await names("aws:us-east-1,eu-central-1", "--owner", "amazon", "--arch", "arm64")).toHaveLength(2);
  expect(await names("aws:us-east-1", "--owner", OTHER)).toHaveLength(4);
  expect(await names("aws:us-east-1", "--owner", OTHER, "--arch", "x86_64")).toHaveLength(3);
  expect(await names("aws:us-east-1", "--owner", OTHER, "--deprecated")).toHaveLength(5);
  const none = await lab.sixray("list", "aws:us-east-1", "--name", "al2023*");
  expect(none).toMatchObject({
    code: 3,
    out: "",
    err: expect.stringContaining("no image is left by --name"),
  });
  const own = await lab.sixray("list", "aws:us-east-1");
  expect(own).toMatchObject({ code: 3, out: "", err: expect.stringContaining("--owner amazon") });
});

test("the latest of each family is told apart by its owner: anyone may use a name", async () => {
  const lab = await awsLab();
  for (const owner of [OWN, OTHER])
    lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("on"), { owner }));
  const args = ["--owner", OWN, "--owner", OTHER, "--latest", "1", "--json"];
  const { out } = await lab.sixray("list", "aws:us-east-1", ...args);
  expect(out.trim().split("\n")).toHaveLength(2);
});

test("SSM parameters name images: one, or all below a path", async () => {
  const lab = await awsLab();
  const disk = await sampleDisk("on");
  const [one, two] = ["20241101", "20241102"].map((day) =>
    lab.cloud.addImage(lab.cloud.addSnapshot(disk), { name: `base-${day}` }),
  );
  const path = "/aws/service/base";
  lab.cloud.parameters.set(`${path}/x86_64`, one?.id ?? "");
  lab.cloud.parameters.set(`${path}/recommended`, JSON.stringify({ image_id: two?.id }));
  const listed = async (name: string): Promise<readonly string[]> =>
    (await lab.sixray("list", `aws:us-east-1/ssm:${name}`)).out.match(/aws:us-east-1\/ami-\w+/g) ?? [];
  expect(await listed(`${path}/x86_64`)).toEqual([`aws:us-east-1/${one?.id}`]);
  expect(await listed(path)).toHaveLength(2);
  expect(await lab.sixray("list", "aws:us-east-1/ssm:/aws/service/nothing")).toMatchObject({ code: 3 });
  for (const gone of ["ami-0123456789abcdef0", "snap-0123456789abcdef0"]) {
    const { code, out, err } = await lab.sixray("list", `aws:us-east-1/${gone}`);
    expect([code, out, err]).toEqual([
      3,
      "",
      expect.stringMatching(/^sixray: access: there is no (?:image|snapshot) /),
    ]);
  }
  const none = await lab.sixray("scan", `aws:us-east-1/ssm:${path}`, "--arch", "arm64");
  expect(none).toMatchObject({ code: 2, out: "", err: expect.stringContaining("is left by --name, --arch") });
  lab.cloud.images.delete(two?.id ?? "");
  const gone = await lab.sixray("scan", `aws:us-east-1/ssm:${path}`, "--latest", "1");
  expect(gone.code).toBe(1);
  expect(gone.out).toContain(`there is no image ${two?.id} in us-east-1`);
  expect(gone.out).toContain("1 flagged, 1 unreadable");
  expect(await lab.sixray("scan", `aws:us-east-1/ssm:${path}/recommended`)).toMatchObject({ code: 3 });
});

test("the block table is listed page by page, only as far as blocks are wanted", async () => {
  const lab = await awsLab();
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"));
  Object.assign(lab.behaviour, { pageBlocks: 2, emptyPages: 1, expiredPages: 1 });
  expect(await access(lab, `aws:us-east-1/${snapshot.id}`)).toMatchObject({ verdict: "pass" });
});

test("what killed runs left is found by tag and age, in the places that are named", async () => {
  const lab = await awsLab();
  const old = { "sixray:run": "r1", "sixray:lease": "l1", "sixray:at": "2024-01-01T00:00:00.000Z" };
  const young = { ...old, "sixray:lease": "l2", "sixray:at": new Date().toISOString() };
  const disk = await sampleDisk("on");
  const gone = lab.cloud.addSnapshot(disk, { tags: old });
  const kept = lab.cloud.addSnapshot(disk, { tags: young });
  const other = lab.cloud.addSnapshot(disk, { tags: { Name: "the user's own" } });
  const { code, out } = await lab.sixray("sweep", "aws:us-east-1");
  expect(code).toBe(0);
  expect(out).toContain(`removed: aws snapshot ${gone.id} (us-east-1)`);
  expect(out).toContain(`too young: aws snapshot ${kept.id} (us-east-1)`);
  expect([...lab.cloud.snapshots.keys()]).toEqual([kept.id, other.id]);
});

test("a sweep that may not look at everything removes what it sees, and says so", async () => {
  const lab = await awsLab();
  const tags = { "sixray:run": "r1", "sixray:lease": "l1", "sixray:at": "2024-01-01T00:00:00.000Z" };
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("on"), { tags });
  lab.behaviour.denied.add("ec2:DescribeInstances").add("ec2:DescribeSecurityGroups");
  const { code, out, err } = await lab.sixray("sweep", "aws:us-east-1");
  expect(code).toBe(3);
  expect(out).toContain(`removed: aws snapshot ${snapshot.id} (us-east-1)`);
  expect(err).toMatch(/us-east-1: DescribeInstances: Unauth.*us-east-1: DescribeSecurityGroups: Unauth/);
});

test("a captive portal is no answer: neither nothing to sweep nor an account", async () => {
  const lab = await awsLab();
  lab.behaviour.troubles.push({ on: /./, times: 1e6, what: "portal" });
  for (const args of [
    ["sweep", "aws:us-east-1"],
    ["list", "aws:us-east-1"],
    ["doctor", "aws:us-east-1"],
  ]) {
    const { code, out, err } = await lab.sixray(...args);
    expect((out + err).replaceAll(/\s+/g, " ")).toContain(
      "AWS answers with something that is not its own (HTTP 200)",
    );
    expect(code).toBe(3);
  }
  lab.behaviour.troubles.length = 0;
  const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("off-sysctl")));
  for (const call of ["DescribeImages", "ListSnapshotBlocks", "GetSnapshotBlock"]) {
    lab.behaviour.troubles.push({ on: new RegExp(call), times: 1, what: "portal" });
    expect(await lab.sixray("scan", `aws:us-east-1/${image.id}`)).toMatchObject({ code: 0 });
  }
});

test("doctor tells the caller, the rungs and the policy that is missing", async () => {
  const lab = await awsLab();
  const fine = await lab.sixray("doctor", "aws:us-east-1");
  expect(fine).toMatchObject({ code: 0 });
  expect(fine.out).toContain(`account ${OWN}`);
  lab.behaviour.denied.add("ec2:CopySnapshot").add("ebs:GetSnapshotBlock");
  const poor = await lab.sixray("doctor", "aws:us-east-1", "--json");
  expect(poor.code).toBe(3);
  const checks: { what: string; outcome: string; fix?: string }[] = poor.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const outcome = (what: string): string | undefined => checks.find((one) => one.what === what)?.outcome;
  expect([outcome("list images"), outcome("direct"), outcome("copy-snapshot")]).toEqual([
    "ok",
    "missing",
    "missing",
  ]);
  const policy: { Statement: { Action: string[] }[] } = JSON.parse(
    checks.find(({ what }) => what === "policy")?.fix ?? "",
  );
  expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual([
    "ebs:GetSnapshotBlock",
    "ec2:CopySnapshot",
  ]);
});

test.each([
  ["ec2:CreateTags", ["copy-snapshot", "copy-image", "launch"]],
  ["ec2:DescribeSecurityGroups", ["sweep by tag"]],
  ["ssm:GetParametersByPath", ["list what SSM parameters name"]],
  ["ec2:DescribeImages", ["list images", "copy-image", "sweep by tag"]],
])("doctor without %s: %j are missing, and the policy has it", async (action, rows) => {
  const lab = await awsLab();
  lab.behaviour.denied.add(action);
  const { code, out } = await lab.sixray("doctor", "aws:us-east-1", "--json");
  const checks: { what: string; outcome: string; fix?: string }[] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(code).toBe(3);
  expect(checks.filter(({ outcome }) => outcome === "missing").map(({ what }) => what)).toEqual([
    ...rows,
    "policy",
  ]);
  const policy: { Statement: { Action: string[] }[] } = JSON.parse(checks.at(-1)?.fix ?? "");
  expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual([action]);
});

test("profiles: asked as the one that is named, in the target or by --account", async () => {
  const lab = await awsLab();
  const { writeFileSync } = await import("node:fs");
  const config = `${lab.state}-config`;
  writeFileSync(
    config,
    `[profile other]\naws_access_key_id = AKIA${OTHER}\naws_secret_access_key = s\nregion = us-east-1\n`,
  );
  process.env.AWS_CONFIG_FILE = config;
  delete process.env.AWS_ACCESS_KEY_ID;
  const theirs = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER });
  expect(await access(lab, `aws:other@us-east-1/${theirs.id}`)).toMatchObject({ rung: "direct" });
  expect(await access(lab, `aws:us-east-1/${theirs.id}`, "--account", "other")).toMatchObject({
    rung: "direct",
  });
  const tags = { "sixray:run": "r1", "sixray:lease": "l1", "sixray:at": "2024-01-01T00:00:00.000Z" };
  lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, tags });
  expect(await lab.sixray("sweep", "aws:us-east-1", "--account", "other")).toMatchObject({ code: 0 });
  expect(lab.cloud.left).toEqual([]);
  delete process.env.AWS_REGION;
  expect((await lab.sixray("doctor", "aws", "--account", "other")).out).toContain(
    "ok       region: us-east-1",
  );
  delete process.env.AWS_CONFIG_FILE;
});

test("a fake of others that leaves out tokens and sends indices as strings is read, too", async () => {
  const lab = await awsLab();
  lab.behaviour.likeMoto = true;
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"));
  const image = lab.cloud.addImage(snapshot, { rootDevice: "/dev/sda1" });
  expect(await access(lab, `aws:us-east-1/${snapshot.id}`)).toMatchObject({
    verdict: "pass",
    rung: "direct",
  });
  expect(await access(lab, `aws:us-east-1/${image.id}`)).toMatchObject({ verdict: "pass", rung: "direct" });
  const unknown = await lab.sixray("scan", "aws:us-east-1/snap-0123456789abcdef0");
  expect(unknown.code).toBe(3);
  expect(unknown.out.replaceAll(/\s+/g, " ")).toContain(
    "there is no snapshot snap-0123456789abcdef0 in us-east-1",
  );
});
