#!/bin/bash
# build-image.sh ROOT CASE IMAGE WANTED...: a GPT disk with one ext4 partition that holds ROOT, the newest kernel of
# this machine, and the files of the folder CASE; of the network services only WANTED are enabled. In a mount
# namespace of its own, over an overlay: ROOT stays as it is.
set -eu
exec unshare --mount --propagation private bash -c '
  set -eu
  root=$1 case=$2 image=$3
  shift 3
  work=$(mktemp -d)
  mount -t tmpfs none "$work"
  mkdir "$work"/{upper,work,root}
  mount -t overlay none -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" "$work/root"
  r=$work/root
  version=$(ls /boot | sed -n "s/^vmlinuz-//p" | sort -V | tail -1)
  cp /boot/vmlinuz-"$version" /boot/initrd.img-"$version" /boot/config-"$version" "$r/boot/"
  mkdir -p "$r/lib/modules/"
  cp -a /lib/modules/"$version" "$r/lib/modules/"
  for service in NetworkManager systemd-networkd networking systemd-resolved; do
    systemctl --root="$r" disable "$service" >/dev/null 2>&1 || true
  done
  rm -f "$r"/etc/systemd/system/*/NetworkManager-wait-online.service "$r"/etc/systemd/system/*/systemd-networkd-wait-online.service
  for service; do systemctl --root="$r" enable "$service" >/dev/null 2>&1; done
  rm -f "$r"/etc/systemd/system/*/NetworkManager-wait-online.service "$r"/etc/systemd/system/*/systemd-networkd-wait-online.service
  echo "/dev/vda1 / ext4 rw 0 1" >"$r/etc/fstab"
  echo truth >"$r/etc/hostname"
  echo 0123456789abcdef0123456789abcdef >"$r/etc/machine-id"
  cp -a "$case/." "$r/"
  find "$r/etc/NetworkManager/system-connections" -type f -exec chmod 600 {} + 2>/dev/null || true
  # As on a machine that has booted before: no caches are rebuilt for /usr, which takes long without KVM.
  touch "$r/etc/.updated" "$r/var/.updated"
  truncate -s 1500M "$image"
  echo "start=2048, type=linux" | sfdisk -q --label gpt "$image"
  mke2fs -q -F -t ext4 -E offset=1048576 -d "$r" "$image" 1490M
  umount "$r"
  umount "$work"
  rmdir "$work"
' bash "$@"
