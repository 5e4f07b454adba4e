#!/bin/bash
# Runs systemd-networkd of ROOT (/ for this machine) once on the folder TREE (its etc/systemd/network and so on)
# with one interface for each NAME, IPv6 switched off on all of them. Prints "name disable_ipv6 addresses".
# Network and mount namespaces of its own: nothing of this machine is changed.
set -eu
root=${1%/} tree=$2
shift 2
exec unshare --net --mount --propagation private bash -c '
  # Mounts of tests that run beside this one: as long as a copy of theirs is here, they are not written out.
  while read -r _ at _; do case $at in */sixray-*) umount -l "$at" ;; esac; done </proc/self/mounts
  root=$0; tree=$1; shift
  mount -t sysfs -o ro sysfs "$root/sys"
  mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
  mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
  for folder in /run /etc/systemd/network /usr/local/lib /usr/lib/systemd/network; do
    mkdir -p "$root$folder"
    mount -t tmpfs tmpfs "$root$folder"
    [ -d "$tree$folder" ] && cp -a "$tree$folder/." "$root$folder/"
  done
  mkdir -p "$root"/run/systemd/netif/{links,leases,lldp} "$root/run/dbus"
  echo lxc >"$root/run/systemd/container"
  # Without an id of the machine DHCP fails, and with it the interface.
  echo 0123456789abcdef0123456789abcdef >"$root/run/machine-id"
  [ -e "$root/etc/machine-id" ] && mount --bind "$root/run/machine-id" "$root/etc/machine-id"
  chown -R "$(chroot "$root/" id -u systemd-network):$(chroot "$root/" id -g systemd-network)" "$root/run/systemd/netif"
  ip link add peers type bridge
  ip link set peers up
  for name; do
    ip link add "$name" type veth peer name "p-$name"
    ip link set "p-$name" master peers up
  done
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  program=/usr/lib/systemd/systemd-networkd
  [ -x "$root$program" ] || program=/lib/systemd/systemd-networkd
  SYSTEMD_LOG_LEVEL=${SYSTEMD_LOG_LEVEL:-err} timeout -s TERM "${SECONDS_MAX:-8}" chroot "$root/" "$program" >&2 &
  # Done when nothing has changed for a second and a half.
  last= same=0
  for _ in $(seq 40); do
    sleep 0.25
    now=$(grep -H . /proc/sys/net/ipv6/conf/*/disable_ipv6; ip -6 -o addr)
    if [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
    [ $same -ge 10 ] && break
    last=$now
  done
  for name; do
    echo "$name $(cat "/proc/sys/net/ipv6/conf/$name/disable_ipv6") $(ip -6 -o addr show dev "$name" | grep -c inet6)"
  done
  kill %1 2>/dev/null || true
' "$root" "$tree" "$@"
