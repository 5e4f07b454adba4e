#!/bin/bash
# Loads each ruleset of folder $1 in a network namespace and tries to come in from another one over IPv6. A case is
# a folder of files, seen as /srv while it is loaded by $3 (a command). Prints "case loaded|refused tcp udp".
# $2: the node that runs firewall-probe.ts. Nothing of this machine is changed.
set -u
exec unshare --net --mount --propagation private bash -c '
  # Mounts of tests that run beside this one: as long as a copy of theirs is here, they are not written out.
  while read -r _ at _; do case $at in */sixray-*) umount -l "$at" ;; esac; done </proc/self/mounts
  cases=$0 node=$1 load=$2 here=$3
  ip link set lo up
  unshare --net sleep 900 & client=$!
  trap "kill $client \$server \$prober 2>/dev/null" EXIT
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(readlink /proc/$client/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break
    sleep 0.1
  done
  ip link add eth0 type veth peer name peer0 netns $client
  ip addr add 2001:db8::1/64 dev eth0 nodad && ip link set eth0 up
  nsenter -t $client -n ip addr add 2001:db8::2/64 dev peer0 nodad && nsenter -t $client -n ip link set peer0 up
  "$node" "$here/firewall-probe.ts" server & server=$!
  coproc probe { nsenter -t $client -n "$node" "$here/firewall-probe.ts" client 2001:db8::1; }
  prober=$probe_PID
  # The first answers come once the link and both ends are up.
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    echo warm >&"${probe[1]}"; read -r _ tcp udp <&"${probe[0]}"
    [ "$tcp $udp" = "open open" ] && break
  done
  [ "$tcp $udp" = "open open" ] || { echo "no way in without rules" >&2; exit 1; }
  for one in "$cases"/*/; do
    nft flush ruleset
    mount --bind "$one" /srv
    if $load >/dev/null 2>&1; then loaded=loaded; else loaded=refused; fi
    umount /srv
    echo "$(basename "$one")" >&"${probe[1]}"
    read -r name tcp udp <&"${probe[0]}"
    echo "$name $loaded $tcp $udp"
  done
' "$1" "$2" "$3" "$(dirname "$(readlink -f "$0")")"
