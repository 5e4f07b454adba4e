#!/bin/bash
# in-namespace.sh ROOT PROGRAM ARGUMENTS...: runs the program in network, mount and UTS namespaces of its own, with
# a throw-away copy of ROOT (an overlay) at the path that the program gets as its first argument. There, /proc/sys
# is read-only but for net. Interfaces: lo, eth0, ens5, eth0.100. Nothing of this machine is changed.
set -eu
root=$1
shift
exec unshare --net --mount --propagation private bash -c '
  set -eu
  # Mounts of tests that run beside this one: as long as a copy of theirs is here, they are not written out.
  while read -r _ at _; do case $at in */sixray-*) umount -l "$at" ;; esac; done </proc/self/mounts
  root=$1
  shift
  work=$(mktemp -d)
  mount -t tmpfs none "$work"
  mkdir "$work"/{upper,work,root}
  mount -t overlay none -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" "$work/root"
  ip link add eth0 type veth peer name ens5
  ip link add eth0.100 type bridge
  mkdir -p "$work/root/proc" "$work/root/dev"
  mount --rbind /dev "$work/root/dev"
  mount -t proc proc "$work/root/proc"
  mount --bind "$work/root/proc/sys" "$work/root/proc/sys"
  mount -o remount,ro,bind "$work/root/proc/sys"
  mount --bind "$work/root/proc/sys/net" "$work/root/proc/sys/net"
  mount -o remount,rw,bind "$work/root/proc/sys/net"
  program=$1
  shift
  status=0
  "$program" "${@//@ROOT@/$work/root}" || status=$?
  umount -R "$work/root" "$work" 2>/dev/null || umount -l "$work"
  rmdir "$work" 2>/dev/null || true
  exit $status
' bash "$root" "$@"
