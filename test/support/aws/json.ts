import type { FakeCloud } from "./cloud.ts";
import { Fault } from "./wire.ts";

const PAGE_PARAMETERS = 10;

/** SSM and Service Quotas: JSON in, JSON out. */
export function answerJson(cloud: FakeCloud, action: string, input: unknown): object {
  const of = (name: string): unknown =>
    typeof input === "object" && input !== null ? Reflect.get(input, name) : undefined;
  switch (action) {
    case "GetParameter": {
      const name = String(of("Name"));
      const value = cloud.parameters.get(name);
      if (value === undefined) throw new Fault(400, "ParameterNotFound", "");
      return { Parameter: parameter(name, value) };
    }
    case "GetParametersByPath": {
      const path = `${String(of("Path"))}/`;
      const found = [...cloud.parameters].filter(([name]) => name.startsWith(path));
      const from = Number(of("NextToken") ?? 0);
      const next = from + PAGE_PARAMETERS;
      return {
        Parameters: found.slice(from, next).map(([name, value]) => parameter(name, value)),
        ...(next < found.length ? { NextToken: String(next) } : {}),
      };
    }
    case "ListServiceQuotas":
      return {
        Quotas: [
          {
            ServiceCode: "ebs",
            QuotaName: "GetSnapshotBlock requests per account",
            Value: 1000,
            Adjustable: true,
          },
          {
            ServiceCode: "ebs",
            QuotaName: "IOPS for Provisioned IOPS SSD (io1) volumes",
            Value: 300_000,
            Adjustable: true,
          },
        ],
      };
    default:
      throw new Fault(400, "UnknownOperationException", action);
  }
}

function parameter(name: string, value: string): object {
  return { Name: name, Type: "String", Value: value, Version: 1, DataType: "aws:ec2:image" };
}
