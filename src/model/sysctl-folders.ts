/** Where settings of the kernel lie, in the order in which one name hides another. Sources: sysctl.d(5); sysctl(8), --system. */
export const SYSCTL_FOLDERS: readonly string[] = [
  "/etc/sysctl.d",
  "/run/sysctl.d",
  "/usr/local/lib/sysctl.d",
  "/usr/lib/sysctl.d",
];
/** In a /lib that is not /usr/lib. */
export const SPLIT_SYSCTL_FOLDER = "/lib/sysctl.d";
/** procps reads it, systemd-sysctl only through a link in a folder. */
export const SYSCTL_CONF = "/etc/sysctl.conf";
