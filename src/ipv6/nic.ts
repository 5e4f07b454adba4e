/** A network card as the configuration of a machine may know it. */
export interface Nic {
  readonly name: string;
  /** Further names that udev gives it. Source: systemd.link(5), AlternativeNamesPolicy. */
  readonly altNames: readonly string[];
  readonly driver: string;
  /** As systemd-detect-virt says. */
  readonly virtualization: string;
  /** ID_PATH of udev, as far as it is known. */
  readonly path: string;
}

/** Stands in generated configuration for the hardware address of whatever card the machine gets. */
export const NIC_MAC = "nic";

/** What a cloud's NIC may look like. Sources: systemd.net-naming-scheme(7); the clouds' documentation. */
const SAMPLES: readonly Nic[] = [
  sample("ens5", ["enp0s5"], "ena", "amazon", "pci-0000:00:05.0"),
  sample("ens3", ["enp0s3"], "ixgbevf", "xen", "pci-0000:00:03.0"),
  sample("enX0", [], "vif", "xen", ""),
  sample("eth0", [], "vif", "xen", ""),
  sample("eth0", [], "hv_netvsc", "microsoft", "acpi-VMBUS:00"),
  sample("ens4", ["enp0s4"], "virtio_net", "kvm", "pci-0000:00:04.0"),
  sample("ens4", ["enp0s4"], "gve", "kvm", "pci-0000:00:04.0"),
  sample("ens3", ["enp0s3"], "virtio_net", "kvm", "pci-0000:00:03.0"),
  sample("enp1s0", [], "virtio_net", "kvm", "pci-0000:01:00.0"),
  sample("enp0s1", ["ens1"], "virtio_net", "qemu", "pci-0000:00:01.0"),
  sample("eth0", [], "virtio_net", "kvm", "pci-0000:00:03.0"),
  sample("ens192", ["enp11s0"], "vmxnet3", "vmware", "pci-0000:0b:00.0"),
];

/** Names of cards: the kernel's, and what udev makes of them. */
const NIC_NAME = /^(eth|ens|enp|eno|enX|enx)[0-9a-f][0-9a-zA-Z]*$/;

function sample(
  name: string,
  altNames: readonly string[],
  driver: string,
  virtualization: string,
  path: string,
): Nic {
  return { name, altNames, driver, virtualization, path };
}

export function isNicName(name: string): boolean {
  return NIC_NAME.test(name);
}

/** Interfaces that programs make themselves, and other hardware. */
const NO_CARD =
  /^(lo$|wl|ww|br|bond|team|veth|docker|podman|virbr|vnet|tun|tap|wg|dummy|vlan|vxlan|gre|sit|ip6|ipip|cni|flannel|cali|cilium|kube|lxc|lxd|incus|macv|ipv|ib|usb|can|ppp|ovs|vmnet|vboxnet|tailscale|nic$)/;

/** Names that a card can have after it was renamed (`lan0`, `em1`): by a .link file, udev, netplan's set-name. */
export function renamedCards(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter(
    (name) => /^[a-zA-Z][\w-]{0,14}$/.test(name) && !isNicName(name) && !NO_CARD.test(name),
  );
}

/**
 * Every card the machine may find itself with: when its name is certain, only those; else the names that its
 * configuration uses beside the usual ones.
 */
export function plausibleNics(certain: readonly string[], configured: readonly string[]): readonly Nic[] {
  const named = (names: readonly string[]): readonly Nic[] =>
    names.flatMap((name) => distinctDrivers().map((one) => ({ ...one, name, altNames: [] })));
  if (certain.length > 0) return named(certain);
  return [...SAMPLES, ...named(configured.filter((name) => !SAMPLES.some((one) => one.name === name)))];
}

function distinctDrivers(): readonly Nic[] {
  return [...new Map(SAMPLES.map((one) => [one.driver, one])).values()];
}

/**
 * Of names that a configuration uses, the first of each naming scheme is the card of the instance (`eth0`,
 * `ens5`); what follows (`eth1`) are further ones, as is an `eth1` alone.
 */
export function splitNames(names: readonly string[]): {
  readonly primary: readonly string[];
  readonly further: readonly string[];
} {
  const schemes = Map.groupBy([...new Set(names)].filter(isNicName), (name) => name.slice(0, 3));
  const primary: string[] = [];
  const further: string[] = [];
  for (const group of schemes.values()) {
    const [first, ...rest] = group.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
    // The kernel counts from zero: who speaks of eth1 alone means a second card.
    if (first !== undefined) (/^eth[1-9]/.test(first) ? further : primary).push(first);
    for (const name of rest) further.push(name);
  }
  return { primary, further };
}
