#!/bin/bash
# Builds the roots whose own programs the oracles ask: make-roots.sh [SUITE...]. Into $SIXRAY_ROOTS, by default
# sixray-roots in the folder for temporary files. A root that is there already is kept. $SIXRAY_ROOT_PACKAGES names more
# packages, with commas. Needs root, mmdebstrap, debian-archive-keyring and ubuntu-archive-keyring.
set -eu
roots=${SIXRAY_ROOTS:-${TMPDIR:-/tmp}/sixray-roots}
mkdir -p "$roots"
[ $# -gt 0 ] || set -- bullseye bookworm trixie sid focal jammy noble
for suite; do
  [ -e "$roots/$suite/etc/os-release" ] && continue
  packages=systemd,systemd-sysv,udev,procps,kmod,iproute2,dbus,ifupdown,network-manager,netplan.io${SIXRAY_ROOT_PACKAGES:+,$SIXRAY_ROOT_PACKAGES}
  case $suite in
    focal | jammy | noble) mirror=http://archive.ubuntu.com/ubuntu components=main,universe keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
    *) mirror=http://deb.debian.org/debian components=main keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  esac
  rm -rf "$roots/$suite.part"
  mmdebstrap --mode=root --variant=minbase --keyring="$keyring" --include="$packages" --components="$components" \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt=path-exclude='/usr/share/locale/*' --dpkgopt=path-exclude='/usr/share/doc/*' \
    "$suite" "$roots/$suite.part" "$mirror" || { echo "$suite could not be built" >&2; continue; }
  rm -rf "$roots/$suite.part"/var/cache/apt/* "$roots/$suite.part"/var/lib/apt/lists/*
  mv "$roots/$suite.part" "$roots/$suite"
done
