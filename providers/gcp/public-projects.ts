/** Where Google and its partners publish images. `SIXRAY_GCP_PUBLIC_PROJECTS` names others, separated by commas. */
export const PUBLIC_PROJECTS: readonly string[] = [
  "debian-cloud",
  "ubuntu-os-cloud",
  "rhel-cloud",
  "centos-cloud",
  "rocky-linux-cloud",
  "almalinux-cloud",
  "suse-cloud",
  "opensuse-cloud",
  "fedora-cloud",
  "fedora-coreos-cloud",
  "cos-cloud",
  "oracle-linux-cloud",
  "windows-cloud",
  "windows-sql-cloud",
];
