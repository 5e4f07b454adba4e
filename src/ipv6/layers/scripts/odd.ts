/** Whoever says so in a name is not skipped. */
const SPEAKING = /ipv?6|disable|harden|(?<!systemd-)sysctl/i;

/** Not what distributions and clouds bring under that name, or worth a look all the same. */
export function isOdd(name: string, shipped: RegExp): boolean {
  return SPEAKING.test(name) || !shipped.test(name);
}
