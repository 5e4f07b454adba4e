#!/bin/bash
# Runs the real program on each tree of $1 and prints "tree interface value". $2: systemd-sysctl, or sysctl (procps).
# Every tree gets network and mount namespaces of its own: nothing of this machine is changed.
set -u
trees=$1
program=$2
for tree in "$trees"/*/; do
  unshare --net --mount --propagation private bash -c '
    tree=$0; program=$1
    ip link add eth0 type veth peer name ens5
    for folder in /etc /run /usr/local/lib /usr/lib/sysctl.d; do
      mount -t tmpfs none "$folder" || exit 9
      [ -d "$tree$folder" ] && cp -a "$tree$folder/." "$folder/"
    done
    if [ "$program" = sysctl ]; then sysctl --system; else "$program"; fi >/dev/null 2>&1
    for interface in all default lo eth0 ens5; do
      echo "$(basename "$tree") $interface $(cat /proc/sys/net/ipv6/conf/$interface/disable_ipv6)"
    done
  ' "${tree%/}" "$program" || { echo "namespace failed for $tree" >&2; exit 1; }
done
