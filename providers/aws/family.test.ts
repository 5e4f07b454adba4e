import { expect, test } from "vitest";
import { familyOf } from "./family.ts";

test.each([
  ["al2023-ami-2023.6.20241031.0-kernel-6.1-x86_64", "al2023-ami-kernel-6.1-x86_64"],
  ["al2023-ami-2023.6.20241111.0-kernel-6.1-x86_64", "al2023-ami-kernel-6.1-x86_64"],
  ["al2023-ami-minimal-2023.6.20241111.0-kernel-6.1-arm64", "al2023-ami-minimal-kernel-6.1-arm64"],
  ["amzn2-ami-kernel-5.10-hvm-2.0.20241113.1-x86_64-gp2", "amzn2-ami-kernel-5.10-hvm-x86_64-gp2"],
  [
    "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20241115",
    "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server",
  ],
  ["debian-12-amd64-20241115-1930", "debian-12-amd64"],
  ["Windows_Server-2022-English-Full-Base-2024.11.13", "Windows_Server-2022-English-Full-Base"],
  ["RHEL-9.4.0_HVM-20240605-x86_64-82-Hourly2-GP3", "RHEL-9_HVM-x86_64-Hourly2-GP3"],
  ["suse-sles-15-sp6-v20241113-hvm-ssd-x86_64", "suse-sles-15-sp6-hvm-ssd-x86_64"],
  ["Rocky-9-EC2-Base-9.4-20240523.0.x86_64", "Rocky-9-EC2-Base-9.4-x86_64"],
  ["Flatcar-stable-3975.2.2-hvm", "Flatcar-stable-hvm"],
  ["bottlerocket-aws-k8s-1.30-x86_64-v1.26.1-943d9a41", "bottlerocket-aws-k8s-1.30-x86_64-v1"],
  ["CentOS Stream 9 x86_64 20241112", "CentOS Stream 9 x86_64"],
  ["base-image", "base-image"],
  ["20241112", "20241112"],
  ["golden-2024-11-12-abc", "golden-abc"],
])("%s belongs to %s", (name, family) => {
  expect(familyOf(name)).toBe(family);
});
