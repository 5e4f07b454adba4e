import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { bootDiskName } from "./ovf.ts";

function boots(text: string): Promise<{ readonly name: string; readonly notes: readonly string[] }> {
  return bootDiskName(memorySource(new TextEncoder().encode(text), "x.ovf"));
}

const FILES = `<References><ovf:File ovf:id="f1" ovf:href="a.vmdk"/><ovf:File ovf:id="f2" ovf:href="b.vmdk"/></References>
  <DiskSection><Disk ovf:diskId="d1" ovf:fileRef="f1"/><Disk ovf:diskId="d2" ovf:fileRef="f2"/><Disk ovf:diskId="d3"/></DiskSection>`;

function item(type: number, instance: number, more: Readonly<Record<string, string | number>>): string {
  const rest = Object.entries(more).map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`);
  return `<Item ovf:required="false"><rasd:InstanceID>${instance}</rasd:InstanceID>
    <rasd:ResourceType>${type}</rasd:ResourceType>${rest.join("")}</Item>`;
}

const IDE = item(5, 3, { Address: 0 });
const SCSI = item(6, 4, { Address: 0 });
const SECOND_SCSI = item(6, 5, { Address: 1 });
const drive = (disk: string, Parent: number, AddressOnParent: number, instance = 9): string =>
  item(17, instance, { HostResource: `ovf:/disk/${disk}`, Parent, AddressOnParent });

function machine(...items: readonly string[]): string {
  return `<VirtualSystem ovf:id="x"><VirtualHardwareSection>${items.join("")}</VirtualHardwareSection></VirtualSystem>`;
}

describe("the disk that an OVF machine boots", () => {
  test.each([
    ["the lowest place on the controller", machine(SCSI, drive("d1", 4, 1), drive("d2", 4, 0)), "b.vmdk"],
    [
      "the lowest place in numbers, not in text",
      machine(SCSI, drive("d1", 4, 10), drive("d2", 4, 9)),
      "b.vmdk",
    ],
    ["one without a file is empty", machine(SCSI, drive("d3", 4, 0), drive("d2", 4, 1)), "b.vmdk"],
    [
      "the first of two controllers",
      machine(SCSI, SECOND_SCSI, drive("d1", 5, 0), drive("d2", 4, 3)),
      "b.vmdk",
    ],
    ["the only one that the machine has", machine(SCSI, drive("d2", 4, 5)), "b.vmdk"],
    ["no place: as they are listed", machine(drive("d2", 4, 0), drive("d1", 4, 0)), "b.vmdk"],
    [
      "a file in the drive",
      machine(SCSI, item(17, 9, { HostResource: "/file/f2", Parent: 4, AddressOnParent: 0 })),
      "b.vmdk",
    ],
    [
      "the one that VMware's order names",
      `${machine(SCSI, drive("d1", 4, 0, 8), drive("d2", 4, 1, 9))}<vmw:BootOrderSection vmw:instanceId="9" vmw:type="disk"/>`,
      "b.vmdk",
    ],
    ["no hardware: as in the section of disks", "", "a.vmdk"],
    ["a CD is no disk", machine(IDE, item(15, 7, { HostResource: "ovf:/file/f2", Parent: 3 })), "a.vmdk"],
    [
      "what a licence quotes is not there",
      `<License><![CDATA[${machine(SCSI, drive("d2", 4, 0))}]]></License>${machine(SCSI, drive("d1", 4, 0))}`,
      "a.vmdk",
    ],
  ])("%s", async (_what, hardware, name) => {
    const found = await boots(`<Envelope>${FILES}${hardware}</Envelope>`);
    expect(found.name).toBe(name);
    const other = name === "a.vmdk" ? "b.vmdk" : "a.vmdk";
    expect(found.notes).toEqual([`OVA: the disk "${other}" was not looked at`]);
  });

  test.each([
    [
      "controllers of two types",
      machine(IDE, SCSI, drive("d1", 3, 0), drive("d2", 4, 0)),
      /several controllers/,
    ],
    ["two machines", machine() + machine(), /2 virtual machines/],
    [
      "two kinds of hardware",
      `<VirtualSystem><VirtualHardwareSection>${drive("d1", 4, 0)}</VirtualHardwareSection>
       <VirtualHardwareSection>${drive("d2", 4, 0)}</VirtualHardwareSection></VirtualSystem>`,
      /several kinds of hardware/,
    ],
    ["a boot order of another kind", `${machine()}<BootDeviceSection/>`, /with a boot order/],
  ])("is not guessed: %s", async (_what, hardware, why) => {
    await expect(boots(`<Envelope>${FILES}${hardware}</Envelope>`)).rejects.toThrow(why);
  });

  test("a disk that only tells what differs from another is refused", async () => {
    const text = FILES.replace('ovf:diskId="d1"', 'ovf:diskId="d1" ovf:parentRef="d2"');
    await expect(boots(`<Envelope>${text}</Envelope>`)).rejects.toThrow(/only what differs/);
  });

  test("a descriptor of nothing but openings is answered in time", async () => {
    const many = "<Item><VirtualHardwareSection ><!-".repeat(100_000);
    await expect(boots(`<Envelope>${FILES}${many}`)).resolves.toMatchObject({ name: "a.vmdk" });
  });
});
