import { expect, test } from "vitest";
import type { Settings } from "../../providers/aws/settings.ts";
import { type FakeImage, type FakeSnapshot, OTHER } from "../support/aws/cloud.ts";
import { awsLab, type Lab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

interface Row {
  readonly fault: string;
  /** Another account's public snapshot instead of an own one. */
  readonly theirs?: boolean;
  readonly image?: Partial<FakeImage>;
  readonly snapshot?: Partial<FakeSnapshot>;
  readonly settings?: Partial<Settings>;
  prepare?(lab: Lab, snapshot: FakeSnapshot, image: FakeImage): void;
  readonly args?: readonly string[];
  readonly code: number;
  readonly says: string | RegExp;
  /** Requests at most; default 60. */
  readonly requestsMax?: number;
}

const CREATE = ["--allow-create"];

/** What the issue lists, and what stands beside it: a clear result, the right exit code, nothing left behind. */
const TABLE: readonly Row[] = [
  {
    fault: "missing credentials",
    prepare: () => {
      delete process.env.AWS_ACCESS_KEY_ID;
      process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = "/nonexistent";
    },
    code: 3,
    says: /there are no AWS credentials: set AWS_PROFILE/,
  },
  {
    fault: "credentials that expired",
    prepare: () => {
      process.env.AWS_ACCESS_KEY_ID = "EXPIRED111122223333";
    },
    code: 3,
    says: /the AWS credentials have expired/,
  },
  {
    fault: "permission to read blocks denied",
    prepare: ({ behaviour }) => void behaviour.denied.add("ebs:ListSnapshotBlocks"),
    code: 3,
    says: /ListSnapshotBlocks is denied to the caller.*`sixray doctor aws:us-east-1` prints the policy/,
  },
  {
    fault: "denied by a service control policy",
    prepare: ({ behaviour }) =>
      void behaviour.troubles.push({
        on: /GetSnapshotBlock/,
        times: 99,
        what: "deny",
        message:
          "is not authorized to perform: ebs:GetSnapshotBlock with an explicit deny in a service control policy",
      }),
    code: 3,
    says: /a service control policy of the organisation/,
  },
  {
    fault: "copying denied",
    theirs: true,
    args: CREATE,
    prepare: ({ behaviour }) => void behaviour.denied.add("ec2:CopySnapshot").add("ec2:CopyImage"),
    code: 3,
    says: /copy-snapshot: CopySnapshot: UnauthorizedOperation: (?!.*Encoded).*copy-image: CopyImage: UnauthorizedOperation/,
  },
  {
    fault: "AMI not found",
    prepare: ({ cloud }, _, { id }) => void cloud.images.delete(id),
    code: 3,
    says: /there is no image ami-\w+ in us-east-1 for this account/,
  },
  {
    fault: "an AMI of an account that does not share it",
    prepare: ({ behaviour }) =>
      void behaviour.troubles.push({
        on: /DescribeImages/,
        times: 99,
        what: "deny",
        code: "AuthFailure",
        message: "Not authorized for images: [ami-0abc]",
      }),
    code: 3,
    says: /there is no image ami-\w+ in us-east-1 for this account: deregistered, not shared with it/,
  },
  {
    fault: "deregistered and deleted while scanning",
    prepare: ({ cloud, behaviour }, { id }) => {
      behaviour.onRequest = (_, when, line) => {
        if (when === "after" && line.endsWith(" 0")) cloud.snapshots.delete(id);
      };
    },
    code: 3,
    says: /the snapshot is gone: it was deleted while it was read/,
  },
  {
    fault: "Marketplace product code",
    theirs: true,
    args: CREATE,
    image: { productCode: "abc123" },
    code: 3,
    says: /it carries the Marketplace product code abc123: AWS lets its disk be neither read nor copied/,
  },
  {
    fault: "instance store",
    image: { instanceStore: true, snapshot: undefined },
    args: CREATE,
    code: 3,
    says: /its root disk is an instance store/,
    requestsMax: 1,
  },
  {
    fault: "archived snapshot",
    snapshot: { archived: true },
    args: CREATE,
    code: 3,
    says: /snap-\w+ is archived: restore it first \(aws ec2 restore-snapshot-tier/,
  },
  {
    fault: "an image that failed to be made",
    image: { state: "failed", stateReason: "Client.Failed" },
    code: 3,
    says: /the image is failed \(Client.Failed\)/,
  },
  {
    fault: "an own image that is disabled: its snapshot is read all the same",
    image: { state: "disabled" },
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "KMS denied",
    snapshot: { key: "arn:aws:kms:us-east-1:111122223333:key/0", keyDenied: true },
    args: CREATE,
    code: 3,
    says: /the KMS key of snap-\w+ may not be used: kms:Decrypt/,
  },
  {
    fault: "copies are encrypted with a key that may not be used",
    theirs: true,
    args: CREATE,
    prepare: ({ behaviour }) => void Object.assign(behaviour, { copyKeyDenied: true }),
    code: 3,
    says: /the copy snap-\w+ cannot be read: .*DEPENDENCY_ACCESS_DENIED.*kms:Decrypt on that key is needed/,
  },
  {
    fault: "a copy that fails",
    theirs: true,
    args: CREATE,
    prepare: ({ behaviour }) =>
      void Object.assign(behaviour, { copyPolls: 1, copyError: "Given key ID is not accessible" }),
    code: 3,
    says: /failed: the KMS key may not be used \(Given key ID is not accessible\)/,
  },
  {
    fault: "a copy that takes too long",
    theirs: true,
    args: [...CREATE, "--max-rung", "copy-snapshot"],
    settings: { deadlineMs: 100 },
    prepare: ({ behaviour }) => void Object.assign(behaviour, { copyPolls: 1e6 }),
    code: 3,
    says: /took longer than/,
    requestsMax: 200,
  },
  {
    fault: "throttled for a while, then let through",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /Snapshot/, times: 8, what: "throttle" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "throttled for longer than anyone waits",
    settings: { patienceMs: 150 },
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /Get/, times: 1e6, what: "throttle" }),
    code: 3,
    says: /AWS has throttled GetSnapshotBlock for/,
    requestsMax: 100,
  },
  {
    fault: "truncated block, once",
    prepare: ({ behaviour }) => void Object.assign(behaviour, { shortBlocks: 1 }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "truncated block, always",
    prepare: ({ behaviour }) => void Object.assign(behaviour, { shortBlocks: 1e6 }),
    code: 3,
    says: /corrupt: block 0: 262144 of 524288 bytes came, in each of 3 answers/,
    requestsMax: 5,
  },
  {
    fault: "wrong checksum twice",
    prepare: ({ behaviour }) => void Object.assign(behaviour, { corruptBlocks: 2 }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "wrong checksum three times",
    prepare: ({ behaviour }) => void Object.assign(behaviour, { corruptBlocks: 3 }),
    code: 3,
    says: /corrupt: block 0: its SHA-256 is not the one AWS sends along, in each of 3 answers/,
    requestsMax: 5,
  },
  {
    fault: "block tokens that expired",
    prepare: ({ behaviour }, snapshot) => {
      behaviour.onRequest = (_, when, line) => {
        if (when === "after" && line.endsWith(" 0") && snapshot.version === 1) snapshot.version = 2;
      };
    },
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "server errors in passing",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /./, times: 3, what: "error" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "server errors for good",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /ebs/, times: 1e6, what: "error" }),
    code: 3,
    says: /InternalServerException.*tried 4 times/,
  },
  {
    fault: "an error page that is not AWS's",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /ebs/, times: 1e6, what: "html" }),
    code: 3,
    says: /HTTP 500/,
  },
  {
    fault: "connections cut in the middle of a block",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /Get/, times: 3, what: "cut" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "slow answers",
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /Get/, times: 2, what: "slow" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "no answer at all, once",
    settings: { idleMs: 300, requestMs: 400 },
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /Get/, times: 1, what: "silence" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "the answer to a copy is lost: the copy is found, not made twice",
    theirs: true,
    args: CREATE,
    prepare: ({ behaviour }) => void behaviour.troubles.push({ on: /CopySnapshot/, times: 1, what: "lost" }),
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "the answer to closing a group is lost",
    theirs: true,
    snapshot: { public: false },
    args: [...CREATE, "--allow-boot"],
    prepare: ({ behaviour }) => {
      behaviour.denied.add("ec2:CopyImage");
      behaviour.troubles.push({ on: /RevokeSecurityGroupEgress/, times: 1, what: "lost" });
    },
    code: 0,
    says: /1 pass/,
  },
  {
    fault: "an endpoint that is no address",
    prepare: () => {
      process.env.AWS_ENDPOINT_URL = "nonsense";
    },
    code: 2,
    says: /AWS_ENDPOINT_URL is "nonsense", which is no address/,
    requestsMax: 0,
  },
  {
    fault: "a region that is none",
    args: ["aws:moon"],
    code: 2,
    says: /names no region/,
  },
];

test.each(TABLE)("$fault", async ({ theirs, image, snapshot, settings, prepare, args = [], ...expected }) => {
  const lab = await awsLab(settings);
  const disk = await sampleDisk("off-sysctl");
  const made = lab.cloud.addSnapshot(disk, {
    ...(theirs ? { owner: OTHER, public: true } : {}),
    ...snapshot,
  });
  const target = lab.cloud.addImage(made, image);
  const others = lab.cloud.snapshots.size;
  prepare?.(lab, made, target);
  const { code, out, err } = await lab.sixray("scan", `aws:us-east-1/${target.id}`, ...args);
  expect((out + err).replaceAll(/\s+/g, " ")).toMatch(expected.says);
  expect(code).toBe(expected.code);
  expect(lab.cloud.left).toEqual([]);
  expect(lab.cloud.snapshots.size).toBeLessThanOrEqual(others);
  expect(lab.log.length).toBeLessThanOrEqual(expected.requestsMax ?? 60);
});

test("a region that does not let us in does not keep the others", async () => {
  const lab = await awsLab();
  const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("off-sysctl")));
  lab.behaviour.denied.add("ec2:DescribeImages@eu-south-1");
  const { code, out } = await lab.sixray("scan", "aws:eu-south-1,us-east-1");
  expect(code).toBe(3);
  expect(out).toMatch(new RegExp(`pass .*aws:us-east-1/${image.id}`));
  expect(out).toContain("(aws:eu-south-1)");
  expect(out).toContain("1 pass, 1 unreadable");
  const listed = await lab.sixray("list", "aws:eu-south-1,us-east-1");
  expect(listed).toMatchObject({ code: 3, err: expect.stringContaining("(aws:eu-south-1)") });
  lab.behaviour.denied.add("ec2:DescribeImages");
  const none = await lab.sixray("list", "aws:eu-south-1,us-east-1");
  expect(none.err).toMatch(/aws:eu-south-1: DescribeImages: .*; aws:us-east-1: DescribeImages: /);
});

test("a snapshot is told only of ways that lead to one", async () => {
  const lab = await awsLab();
  const made = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, public: true });
  const { out } = await lab.sixray("scan", `aws:us-east-1/${made.id}`);
  const words = out.replaceAll(/\s+/g, " ");
  expect(words).toContain(`${made.id} belongs to ${OTHER} and cannot be read in place`);
  expect(words).toContain("copy-snapshot: would create a snapshot; --allow-create lets it");
  expect(words).toContain("copy-image: a snapshot was named, not an image");
  expect(words).toContain("launch: a snapshot was named, not an image");
});

test("a token that is not valid is no matter of whose the snapshot is", async () => {
  const lab = await awsLab();
  const made = lab.cloud.addSnapshot(await sampleDisk("on"));
  const message = "The page token is not valid";
  lab.behaviour.troubles.push({ on: /List/, times: 99, what: "deny", code: "ValidationException", message });
  const { out } = await lab.sixray("scan", `aws:us-east-1/${made.id}`);
  const words = out.replaceAll(/\s+/g, " ");
  expect(words).toContain(`${made.id} cannot be read (ListSnapshotBlocks: ValidationException: ${message})`);
  expect(words).not.toContain("belongs to");
});

test("nothing is said to be removed where nothing was made", async () => {
  const lab = await awsLab();
  const made = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, public: true });
  lab.behaviour.denied.add("ec2:CopySnapshot");
  const denied = await lab.sixray("scan", `aws:us-east-1/${made.id}`, ...CREATE);
  expect(denied.err).not.toContain("removing what was made");
  expect(denied.err).toContain("making sure that nothing was made");
  lab.behaviour.denied.clear();
  lab.behaviour.copyError = "Given key ID is not accessible";
  lab.behaviour.copyPolls = 0;
  const failed = await lab.sixray("scan", `aws:us-east-1/${made.id}`, ...CREATE);
  expect(failed.err).toContain("removing what was made");
});

test("Ctrl-C during a copy: interrupted, and nothing is left", async () => {
  const lab = await awsLab();
  const made = lab.cloud.addSnapshot(await sampleDisk("on"), { owner: OTHER, public: true });
  lab.behaviour.copyPolls = 1e6;
  const interrupt = new AbortController();
  lab.behaviour.onRequest = (_, when, line) => {
    if (when === "after" && /DescribeSnapshots/.test(line) && lab.cloud.left.length > 0) interrupt.abort();
  };
  const scan = lab.sixrayUntil(interrupt.signal, "scan", `aws:us-east-1/${made.id}`, ...CREATE);
  await expect(scan).rejects.toThrow();
  expect(interrupt.signal.aborted).toBe(true);
  expect(lab.cloud.left).toEqual([]);
});

test("what cannot be removed is told with its id, and fails the run", async () => {
  const lab = await awsLab();
  const made = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER, public: true });
  lab.behaviour.denied.add("ec2:DeleteSnapshot");
  const { code, err } = await lab.sixray("scan", `aws:us-east-1/${made.id}`, ...CREATE);
  expect(code).toBe(3);
  expect(err).toMatch(
    /could not remove aws snapshot snap-\w+ \(us-east-1\): DeleteSnapshot: UnauthorizedOperation/,
  );
  expect(lab.cloud.left).toHaveLength(1);
});
