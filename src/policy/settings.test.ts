import { expect, test } from "vitest";
import { modprobeSettings, sysctlSettings } from "./settings.ts";

test.each([
  ["net.ipv6.conf.all.disable_ipv6 = 1", "off", "all"],
  ["net.ipv6.conf.all.disable_ipv6=0", "on", "all"],
  ["-net.ipv6.conf.default.disable_ipv6=2", "off", "default"],
  ["net/ipv6/conf/eth0.100/disable_ipv6=1", "off", "eth0.100"],
  ["net.ipv6.conf.*.disable_ipv6=0x1", "off", "*"],
  ["net.ipv6.conf.all.disable_ipv6=0x0", "on", "all"],
  ["net.ipv6.conf.all.disable_ipv6=true", "other", "all"],
  ["-net.ipv6.conf.eth0.disable_ipv6", "other", "eth0"],
  ["net.ipv6.conf.all.disable_ipv6=1\r", "off", "all"],
])("sysctl: %j says %s for %s", (line, says, scope) => {
  expect(sysctlSettings(`# x\n${line}\n`)).toEqual([{ line: 2, text: line.replace("\r", ""), says, scope }]);
});

test.each([
  "# net.ipv6.conf.all.disable_ipv6=1",
  ";net.ipv6.conf.all.disable_ipv6=1",
  "net.ipv4.ip_forward=1",
])("sysctl: %j says nothing", (line) => {
  expect(sysctlSettings(line)).toEqual([]);
});

test.each([
  ["options ipv6 disable=1", "off"],
  ["options ipv6 disable=1 disable=0", "on"],
  ["options ipv6 autoconf=0", "other"],
  ["options net-pf-10 disable=1", "off"],
  ["blacklist ipv6", "off"],
  ["alias net-pf-10 off", "off"],
  ["alias net-pf-10 ipv6", "other"],
  ["install ipv6 /bin/true", "off"],
  ["install ipv6 /sbin/modprobe --ignore-install ipv6", "other"],
])("modprobe: %j says %s", (line, says) => {
  expect(modprobeSettings(line)).toMatchObject([{ line: 1, text: line, says }]);
});

test("modprobe: a comment, another module and an unknown keyword say nothing", () => {
  expect(modprobeSettings("# blacklist ipv6\nblacklist ipv6header\ninclude ipv6\n")).toEqual([]);
});

test("modprobe: a continued comment swallows the next line, a continued command joins it", () => {
  expect(modprobeSettings("# x \\\nblacklist ipv6\noptions \\\n ipv6 disable=1\n")).toMatchObject([
    { line: 3, says: "off", scope: "options" },
  ]);
});
