/*
 * Where systemd looks for units and drop-ins beside the vendor's folder, in its order. Source: systemd.unit(5), "Unit File
 * Load Path"; what lies in /run is gone at the next boot.
 */

const CONTROL = "/etc/systemd/system.control";
/** The image's own. */
export const OWN_UNITS = "/etc/systemd/system";
/** Units of packages. */
export const VENDOR_UNITS = "/usr/lib/systemd/system";
const LATER = ["/etc/systemd/system.attached", "/usr/local/lib/systemd/system"];

/** Hardly an image has them. */
export const ELSEWHERE: readonly string[] = [CONTROL, ...LATER];
/** All of them. */
export const UNIT_FOLDERS: readonly string[] = [CONTROL, OWN_UNITS, ...LATER];
