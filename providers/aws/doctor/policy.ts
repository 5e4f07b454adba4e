// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" and "... EBS".

/** Condition of statements about what sixray made itself. */
const OURS = { Null: { "aws:ResourceTag/sixray:run": "false" } };
/** Tags may be given to what is just being made. */
const AT_CREATION = {
  StringEquals: {
    "ec2:CreateAction": [
      "CopySnapshot",
      "CopyImage",
      "CreateSnapshot",
      "CreateSecurityGroup",
      "RunInstances",
    ],
  },
};

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: "*";
  readonly Condition?: object;
}

/** A policy document of IAM. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** What lists images: nothing of them is read. */
const ENUMERATE: readonly string[] = ["ec2:DescribeImages", "ssm:GetParameter", "ssm:GetParametersByPath"];

/** Every action that is used, in the statement it belongs to. */
const STATEMENTS: readonly Statement[] = [
  { Sid: "List", Effect: "Allow", Action: ENUMERATE, Resource: "*" },
  {
    Sid: "ReadBlocks",
    Effect: "Allow",
    Action: ["ebs:ListSnapshotBlocks", "ebs:GetSnapshotBlock", "ec2:DescribeSnapshots"],
    Resource: "*",
  },
  { Sid: "Copy", Effect: "Allow", Action: ["ec2:CopySnapshot", "ec2:CopyImage"], Resource: "*" },
  { Sid: "Tag", Effect: "Allow", Action: ["ec2:CreateTags"], Resource: "*", Condition: AT_CREATION },
  {
    Sid: "RemoveCopies",
    Effect: "Allow",
    Action: ["ec2:DeleteSnapshot", "ec2:DeregisterImage"],
    Resource: "*",
    Condition: OURS,
  },
  {
    Sid: "Sweep",
    Effect: "Allow",
    Action: ["ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSecurityGroups"],
    Resource: "*",
  },
  {
    Sid: "Launch",
    Effect: "Allow",
    Action: ["ec2:DescribeSubnets", "ec2:CreateSecurityGroup", "ec2:RunInstances", "ec2:CreateSnapshot"],
    Resource: "*",
  },
  {
    Sid: "RemoveLaunched",
    Effect: "Allow",
    Action: [
      "ec2:RevokeSecurityGroupEgress",
      "ec2:DeleteSecurityGroup",
      "ec2:TerminateInstances",
      "ec2:DeleteVolume",
    ],
    Resource: "*",
    Condition: OURS,
  },
  {
    Sid: "Doctor",
    Effect: "Allow",
    Action: ["ec2:GetEbsEncryptionByDefault", "servicequotas:ListServiceQuotas"],
    Resource: "*",
  },
];

/** The smallest policy that allows `actions`. */
export function policyFor(actions: readonly string[]): PolicyDocument {
  const wanted = new Set(actions);
  return {
    Version: "2012-10-17",
    Statement: STATEMENTS.flatMap((statement) => {
      const Action = statement.Action.filter((action) => wanted.has(action));
      return Action.length > 0 ? [{ ...statement, Action }] : [];
    }),
  };
}

const of = (...sids: readonly string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: STATEMENTS.filter(({ Sid }) => sids.includes(Sid)),
});

/** The roles that the README documents. */
export const ROLES: Readonly<Record<"enumerate" | "extract" | "launch", PolicyDocument>> = {
  enumerate: of("List"),
  extract: of("List", "ReadBlocks", "Copy", "Tag", "RemoveCopies", "Sweep", "Doctor"),
  launch: of("Launch", "RemoveLaunched"),
};
