#!/bin/bash
# Runs NetworkManager of ROOT (/ for this machine) once on the folder TREE (its etc/NetworkManager and so on) with
# one interface for each NAME, IPv6 switched off on all of them. Prints "name disable_ipv6 addresses"; lo as well.
# Network and mount namespaces of its own: nothing of this machine is changed.
set -eu
root=${1%/} tree=$2
shift 2
exec unshare --net --mount --pid --fork --kill-child --propagation private bash -c '
  # Mounts of tests that run beside this one: as long as a copy of theirs is here, they are not written out.
  while read -r _ at _; do case $at in */sixray-*) umount -l "$at" ;; esac; done </proc/self/mounts
  root=$0; tree=$1; shift
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t proc proc "$root/proc"
  mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
  for folder in /run /var/lib/NetworkManager /etc/NetworkManager /usr/lib/NetworkManager/conf.d \
    /usr/lib/NetworkManager/system-connections /etc/sysconfig /etc/network; do
    mkdir -p "$root$folder"
    mount -t tmpfs tmpfs "$root$folder"
    [ -d "$tree$folder" ] && cp -a "$tree$folder/." "$root$folder/"
  done
  chmod 755 "$root"/etc/NetworkManager "$root/run"
  mkdir -p "$root/run/dbus" "$root/run/NetworkManager" "$root/run/systemd"
  echo lxc >"$root/run/systemd/container"
  printf "[keyfile]\nunmanaged-devices+=interface-name:p-*,interface-name:peers\n" >"$root/usr/lib/NetworkManager/conf.d/00-peers.conf"
  ip link add peers type bridge
  ip link set peers up
  ip link set lo up
  for name; do
    ip link add "$name" type veth peer name "p-$name"
    ip link set "p-$name" master peers up
  done
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  chroot "$root/" dbus-daemon --system --fork --nopidfile >&2
  timeout -s TERM "${SECONDS_MAX:-40}" chroot "$root/" NetworkManager --debug --log-level="${LEVEL:-ERR}" >&2 &
  # Done when nothing has changed for eight seconds.
  last= same=0
  for _ in $(seq 140); do
    sleep 0.25
    now=$(grep -H . /proc/sys/net/ipv6/conf/*/disable_ipv6; ip -6 -o addr)
    if [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
    [ $same -ge 32 ] && break
    last=$now
  done
  for name in lo "$@"; do
    echo "$name $(cat "/proc/sys/net/ipv6/conf/$name/disable_ipv6") $(ip -6 -o addr show dev "$name" | grep -c inet6)"
  done
' "$root" "$tree" "$@"
