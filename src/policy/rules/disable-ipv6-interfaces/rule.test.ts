import { describe, expect, test } from "vitest";
import { at, DEBIAN, predicted, seen, step, WINDOWS } from "../../../../test/support/judging.ts";
import type { PlaceCheck } from "../../../model/finding.ts";
import type { OsInfo } from "../../../model/image.ts";
import type { BlindSpot, Prediction, Step } from "../../../model/prediction.ts";
import { disableIpv6Interfaces } from "./rule.ts";

const FOLDERS = ["/etc/modprobe.d", "/etc/sysctl.d"];

function judge(
  over: Partial<Prediction>,
  content: Readonly<Record<string, string | undefined>> = {},
  os: OsInfo = DEBIAN,
): ReturnType<typeof disableIpv6Interfaces.judge> {
  return disableIpv6Interfaces.judge({
    os,
    prediction: predicted(over),
    observations: seen(content, FOLDERS),
  });
}

function row(found: ReturnType<typeof judge>, place: string): PlaceCheck {
  const check = found.checks.find((one) => one.place === place);
  if (check === undefined) throw new Error(`no row for ${place}`);
  return check;
}

const OFF = { all: 1, default: 1, lo: 1, nic: 1 } as const;
const SPOT: BlindSpot = { layer: "rc.local", text: "a script may write it", evidence: [], decisive: true };

describe("outcome", () => {
  test.each([
    ["off", DEBIAN, "pass"],
    ["on", DEBIAN, "fail"],
    ["partial", DEBIAN, "fail"],
    ["unknown", DEBIAN, "unknown"],
    ["off", WINDOWS, "review"],
    ["on", WINDOWS, "review"],
    ["unknown", WINDOWS, "review"],
  ] as const)("state %s on %o is %s", (state, os, outcome) => {
    expect(judge({ state }, {}, os).outcome).toBe(outcome);
  });

  test("an off that nobody is sure of is never a pass", () => {
    expect(judge({ state: "off", confidence: "none" }).outcome).toBe("unknown");
    const found = judge({ state: "off", blindSpots: [SPOT] });
    expect(found.outcome).toBe("unknown");
    expect(found.message).toContain("a script may write it");
  });

  test("the rows say compliant, the interface says no: it fails", () => {
    const text = "net.ipv6.conf.all.disable_ipv6=1";
    const found = judge(
      {
        disableIpv6: { all: 1, default: 1, lo: 1, nic: 0 },
        steps: [step("sysctl", "/etc/sysctl.conf", 1, text)],
      },
      { "/etc/sysctl.conf": text },
    );
    expect(found.outcome).toBe("fail");
    expect(found.checks.map(({ outcome }) => outcome)).toEqual([
      "absent",
      "absent",
      "compliant",
      "compliant",
      "compliant",
    ]);
    expect(row(found, "/etc/sysctl.conf").message).toMatch(/switched back on later/);
    expect(row(found, "/proc/sys/net/ipv6/conf/all/disable_ipv6").evidence).toEqual([
      { locator: at("/etc/sysctl.conf"), line: 1, text },
    ]);
  });

  test("evidence is that of the deciding steps, each line once", () => {
    const one = step("networkd", "/etc/systemd/network/10.network", 4, "DHCP=yes");
    expect(judge({ deciding: [one, one] }).evidence).toEqual(one.evidence);
  });
});

describe("places", () => {
  test("are always the five, in their order", () => {
    for (const os of [DEBIAN, WINDOWS]) {
      expect(judge({}, {}, os).checks.map(({ place }) => place)).toEqual([
        "/etc/modprobe.conf",
        "/etc/modprobe.d/local.conf",
        "/proc/sys/net/ipv6/conf/all/disable_ipv6",
        "/proc/sys/net/ipv6/conf/default/disable_ipv6",
        "/etc/sysctl.conf",
      ]);
    }
  });

  test("absent, unreadable and silent are three answers", () => {
    expect(row(judge({}), "/etc/sysctl.conf")).toMatchObject({
      outcome: "absent",
      message: expect.stringContaining("no such file"),
    });
    expect(row(judge({}, { "/etc/sysctl.conf": undefined }), "/etc/sysctl.conf")).toMatchObject({
      outcome: "unreadable",
      message: "Could not look: corrupt: bad block.",
    });
    expect(row(judge({}, { "/etc/sysctl.conf": "kernel.x=1\n" }), "/etc/sysctl.conf")).toMatchObject({
      outcome: "absent",
      message: expect.stringContaining("says nothing"),
    });
  });

  test("options in local.conf do nothing for a built-in IPv6", () => {
    const kernel: Step = { layer: "kernel", text: "IPv6 is built into the kernel.", evidence: [] };
    const found = judge(
      { steps: [kernel, step("modprobe", "/etc/modprobe.d/local.conf", 2, "options ipv6 disable=1")] },
      { "/etc/modprobe.d/local.conf": "# x\noptions ipv6 disable=1\n" },
    );
    expect(row(found, "/etc/modprobe.d/local.conf")).toEqual({
      place: "/etc/modprobe.d/local.conf",
      outcome: "no-effect",
      message: "It turns nothing off: IPv6 is built into the kernel, which never asks modprobe for it.",
      evidence: [{ locator: at("/etc/modprobe.d/local.conf"), line: 2, text: "options ipv6 disable=1" }],
    });
  });

  const gone = { all: "absent", default: "absent", lo: "absent", nic: "absent" } as const;

  test("local.conf that modprobe obeys is compliant", () => {
    const found = judge(
      {
        state: "off",
        stack: "disabled",
        disableIpv6: gone,
        steps: [step("modprobe", "/etc/modprobe.d/local.conf", 1, "options ipv6 disable=1")],
      },
      { "/etc/modprobe.d/local.conf": "options ipv6 disable=1" },
    );
    expect(row(found, "/etc/modprobe.d/local.conf").outcome).toBe("compliant");
    expect(row(found, "/proc/sys/net/ipv6/conf/all/disable_ipv6").outcome).toBe("absent");
  });

  test("local.conf beside a kernel argument that decides has no effect", () => {
    const found = judge(
      { state: "off", stack: "disabled", disableIpv6: gone },
      {
        "/etc/modprobe.d/local.conf": "blacklist ipv6",
        "/etc/sysctl.conf": "net.ipv6.conf.all.disable_ipv6=1",
      },
    );
    expect(row(found, "/etc/modprobe.d/local.conf").outcome).toBe("no-effect");
    expect(row(found, "/etc/sysctl.conf")).toMatchObject({
      outcome: "no-effect",
      message: expect.stringContaining("no IPv6 stack"),
    });
  });

  test("modprobe.conf is read by nobody", () => {
    const found = judge({}, { "/etc/modprobe.conf": "options ipv6 disable=1" });
    expect(row(found, "/etc/modprobe.conf")).toMatchObject({
      outcome: "no-effect",
      message: expect.stringContaining("does not read this file"),
    });
  });

  test("options ipv6 disable=0 that modprobe obeys violates", () => {
    const found = judge(
      { steps: [step("modprobe", "/etc/modprobe.d/local.conf", 1, "options ipv6 disable=0")] },
      { "/etc/modprobe.d/local.conf": "options ipv6 disable=0" },
    );
    expect(row(found, "/etc/modprobe.d/local.conf").outcome).toBe("violating");
  });

  test("a sysctl.conf that no link leads to has no effect; one that a later file beats says so", () => {
    const setting = "net.ipv6.conf.all.disable_ipv6=1";
    expect(row(judge({}, { "/etc/sysctl.conf": setting }), "/etc/sysctl.conf").message).toMatch(
      /no link in sysctl.d/,
    );
    const linked = judge(
      {},
      { "/etc/sysctl.conf": setting, "/etc/sysctl.d/99-sysctl.conf": "->../sysctl.conf" },
    );
    expect(row(linked, "/etc/sysctl.conf")).toMatchObject({
      outcome: "no-effect",
      message: expect.stringContaining("a setting that is read later replaces it"),
    });
  });

  test("of several lines the last one of `all` that is obeyed speaks", () => {
    const text = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.all.disable_ipv6=0\n";
    const used = [step("sysctl", "/etc/sysctl.conf", 2, "net.ipv6.conf.all.disable_ipv6=0")];
    expect(row(judge({ steps: used }, { "/etc/sysctl.conf": text }), "/etc/sysctl.conf").outcome).toBe(
      "violating",
    );
  });

  test.each([
    [1, 1, "compliant", /^Predicted to read 1\.$/],
    [1, 0, "compliant", /does not decide/],
    [0, 1, "violating", /does not decide/],
    [0, 0, "violating", /^Predicted to read 0\.$/],
    ["unknown", "unknown", "unreadable", /cannot be told/],
  ] as const)("predicted all=%s with the interface at %s is %s", (all, nic, outcome, message) => {
    const found = judge({ disableIpv6: { all, default: 0, lo: 0, nic } });
    const check = row(found, "/proc/sys/net/ipv6/conf/all/disable_ipv6");
    expect(check.outcome).toBe(outcome);
    expect(check.message).toMatch(message);
  });
});

describe("remedy", () => {
  const grub = step("cmdline", "/boot/grub/grub.cfg", 112, "linux /vmlinuz ro");

  test("is empty when there is nothing to do", () => {
    expect(judge({ state: "off", disableIpv6: OFF }).remedy).toBe("");
  });

  test("names GRUB_CMDLINE_LINUX and says why sysctl does not hold under networkd", () => {
    const { remedy } = judge({ steps: [grub], deciding: [{ layer: "networkd", text: "x", evidence: [] }] });
    expect(remedy).toContain("GRUB_CMDLINE_LINUX");
    expect(remedy).toContain("update-grub");
    expect(remedy).toMatch(/systemd-networkd writes disable_ipv6=0/);
    expect(remedy).toContain("LinkLocalAddressing=no");
  });

  test.each([
    ["rhel", "/boot/loader/entries/x.conf", /grubby --update-kernel=ALL/],
    ["opensuse-leap", "/boot/grub2/grub.cfg", /grub2-mkconfig -o/],
    ["alpine", "/boot/extlinux.conf", /update-extlinux/],
    ["arch", "/boot/loader/entries/x.conf", /options of the boot entry/],
    ["fedora", "/boot/efi/EFI/Linux/x.efi", /unified kernel image/],
    ["flatcar", "/boot/grub.cfg", /linux_append/],
  ])("fits %s booting through %s", (id, path, wanted) => {
    const like = id.startsWith("opensuse") ? ["suse"] : [];
    const { remedy } = judge({ steps: [step("cmdline", path, 1, "x")] }, {}, { ...DEBIAN, id, like });
    expect(remedy).toMatch(wanted);
  });

  test("names the method for NetworkManager", () => {
    const { remedy } = judge({ deciding: [{ layer: "networkmanager", text: "x", evidence: [] }] });
    expect(remedy).toContain("ipv6.method=disabled");
  });

  test("of an unknown names the blind spot", () => {
    expect(judge({ state: "unknown", blindSpots: [SPOT, SPOT] }).remedy).toBe(
      "Check by hand: a script may write it (and 1 more blind spots). Putting ipv6.disable=1 on the kernel command line settles it.",
    );
  });
});
