import { expect, test } from "vitest";
import { switchCommand } from "./switch-command.ts";

test.each([
  ["sysctl -w net.ipv6.conf.eth0.disable_ipv6=1", "eth0", 1],
  ["/sbin/sysctl -q net/ipv6/conf/all/disable_ipv6=0 || true", "all", 0],
  ["echo 1 > /proc/sys/net/ipv6/conf/$IFACE/disable_ipv6", "$IFACE", 1],
  ["echo 0 | sudo tee /proc/sys/net/ipv6/conf/default/disable_ipv6 >/dev/null", "default", 0],
  // The shell takes the digit for a file descriptor: an empty line is written, and refused.
  ["echo 1>/proc/sys/net/ipv6/conf/all/disable_ipv6", undefined, undefined],
  ["[ -e /x ] && sysctl -w net.ipv6.conf.all.disable_ipv6=1", undefined, undefined],
  ["for f in /proc/sys/net/ipv6/conf/*/dis*; do echo 0 > $f; done", undefined, undefined],
  ["for f in /proc/sys/net/ipv6/conf/*/*; do echo 0 > $f; done", undefined, undefined],
  ["ExecStart=/usr/sbin/sysctl -w net.ipv6.conf.all.disable\\x5fipv6=0", undefined, undefined],
  ["sysctl -w net.ipv6.conf.all.$key=0", undefined, undefined],
])("%s", (line, iface, value) => {
  expect(switchCommand(line)).toEqual({ iface, value });
});

test("a comment and other lines are none", () => {
  expect(switchCommand("# sysctl -w net.ipv6.conf.all.disable_ipv6=1")).toBeUndefined();
  expect(switchCommand("echo hello")).toBeUndefined();
  expect(switchCommand("for f in /proc/sys/net/ipv6/conf/*/accept_ra; do echo 0 > $f; done")).toBeUndefined();
  expect(switchCommand("echo 0 > /proc/sys/net/ipv6/conf/$IFACE/accept_ra")).toBeUndefined();
  expect(switchCommand("for f in /proc/sys/net/ipv6/conf/*/accept_*; do echo 0 > $f; done")).toBeUndefined();
});
