import { installed } from "../../sdk.ts";

const PACKAGES = ["ec2", "ebs", "ssm", "sts", "service-quotas"].map((name) => `@aws-sdk/client-${name}`);

const loaded = <T>(load: () => Promise<T>): Promise<T> =>
  installed(load, "AWS targets need the AWS SDK", PACKAGES);

export type Ec2Sdk = typeof import("@aws-sdk/client-ec2");
export type EbsSdk = typeof import("@aws-sdk/client-ebs");
export type SsmSdk = typeof import("@aws-sdk/client-ssm");
export type StsSdk = typeof import("@aws-sdk/client-sts");

/** Loaded at the first use: the EC2 client alone takes a fifth of a second. */
export const ec2Sdk = (): Promise<Ec2Sdk> => loaded(() => import("@aws-sdk/client-ec2"));
export const ebsSdk = (): Promise<EbsSdk> => loaded(() => import("@aws-sdk/client-ebs"));
export const ssmSdk = (): Promise<SsmSdk> => loaded(() => import("@aws-sdk/client-ssm"));
export const stsSdk = (): Promise<StsSdk> => loaded(() => import("@aws-sdk/client-sts"));

export type QuotasSdk = typeof import("@aws-sdk/client-service-quotas");
export const quotasSdk = (): Promise<QuotasSdk> => loaded(() => import("@aws-sdk/client-service-quotas"));
