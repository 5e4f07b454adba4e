import { attribute, elements, tags, textOf } from "./ovf-xml.ts";

// Source: DMTF DSP0243 (OVF 2.1), sections 8 (virtual hardware) and 9; DMTF's CIM_ResourceAllocationSettingData for the
// types of resources; descriptors that VMware writes for its order of booting.

/** Disk drive, and logical disk, which some write for it. */
const DRIVES = new Set(["17", "31"]);
/** `ovf:/disk/vmdisk1`; older ones `/disk/...` and `ovf://disk/...`. */
const HOST_RESOURCE = /^(?:ovf:)?\/{1,2}(disk|file)\/(.+)$/;

/** A drive of the virtual machine, and what is in it. */
export interface Drive {
  readonly kind: "disk" | "file";
  /** Of the disk or file. */
  readonly id: string;
  readonly instance: string;
  /** The controller's instance; empty for none. */
  readonly parent: string;
  readonly address: number;
}

/** Where a controller sits among those of its type. */
interface Controller {
  readonly type: string;
  readonly address: number;
}

/** How many machines a descriptor makes. */
export function virtualSystems(descriptor: string): number {
  return tags(descriptor, "VirtualSystem").length;
}

/** Whether it has a section on booting that is not read here. */
export function hasOwnBootOrder(descriptor: string): boolean {
  return tags(descriptor, "BootDeviceSection").length > 0;
}

/**
 * The drive that firmware looks at first among those that `isUsed`: the one that VMware's section names, else by
 * controller, then by place on it. One answer for each hardware section that has any, of which a machine gets one;
 * undefined where drives hang on controllers of several types, or of one place: which comes first, nothing says.
 */
export function firstDrives(
  descriptor: string,
  isUsed: (drive: Drive) => boolean,
): readonly (Drive | undefined)[] {
  const named = tags(descriptor, "BootOrderSection")
    .filter((tag) => attribute(tag, "type") === "disk")
    .map((tag) => attribute(tag, "instanceId"));
  return elements(descriptor, "VirtualHardwareSection").flatMap((section) => {
    const items = [...elements(section, "Item"), ...elements(section, "StorageItem")];
    const drives = items.flatMap(driveOf).filter(isUsed);
    if (drives.length === 0) return [];
    const first = named.map((instance) => drives.find((drive) => drive.instance === instance));
    return [first.find((drive) => drive !== undefined) ?? firstOf(drives, controllersIn(items))];
  });
}

function firstOf(drives: readonly Drive[], controllers: ReadonlyMap<string, Controller>): Drive | undefined {
  const parents = [...new Set(drives.map(({ parent }) => parent))];
  const known = parents.map((parent) => controllers.get(parent));
  const places = new Set(known.map((controller) => controller?.address ?? 0));
  if (new Set(known.map((controller) => controller?.type)).size > 1 || places.size < parents.length)
    return undefined;
  const at = ({ parent }: Drive): number => controllers.get(parent)?.address ?? 0;
  return drives.toSorted((a, b) => at(a) - at(b) || a.address - b.address)[0];
}

function controllersIn(items: readonly string[]): ReadonlyMap<string, Controller> {
  return new Map(
    items.map((item) => [
      instanceOf(item),
      { type: textOf(item, "ResourceType"), address: numberOf(textOf(item, "Address")) },
    ]),
  );
}

function driveOf(item: string): readonly Drive[] {
  if (!DRIVES.has(textOf(item, "ResourceType"))) return [];
  const [, kind, id = ""] = HOST_RESOURCE.exec(textOf(item, "HostResource")) ?? [];
  if (kind !== "disk" && kind !== "file") return [];
  const address = numberOf(textOf(item, "AddressOnParent"));
  return [{ kind, id, instance: instanceOf(item), parent: textOf(item, "Parent"), address }];
}

function instanceOf(item: string): string {
  return textOf(item, "InstanceID") || textOf(item, "InstanceId");
}

/** Where nothing is said, the order is the descriptor's. */
function numberOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
