#!/bin/sh
# The worker of sixray's Google Cloud provider: the startup script of a throw-away instance to which the disk made from
# an image is attached read-only. It never boots the image and writes nothing to it. It prints ranges of the disk on
# serial port 2: first those it guesses are wanted, then those it is asked for through the instance's metadata.
#
# A message is gzip of: "ranges SIZE COUNT", COUNT lines "OFFSET LENGTH", then the bytes; or "error TEXT".
# A frame is one line, and all frames of a message are repeated until the next ask comes:
#   @sixray1 TOKEN MESSAGE INDEX COUNT LENGTH MESSAGE-SHA256 FRAME-SHA256 BASE64@
# FRAME-SHA256 is over "TOKEN MESSAGE INDEX COUNT LENGTH MESSAGE-SHA256 BASE64".
#
# POSIX shell with what every Debian has: coreutils, util-linux, awk, gzip, and curl, wget or bash. For tests:
# SIXRAY_DISK, SIXRAY_SERIAL and SIXRAY_METADATA say where things are, SIXRAY_LIFE and SIXRAY_REPEAT how long they take.

disk=${SIXRAY_DISK:-/dev/disk/by-id/google-sixray-target}
serial=${SIXRAY_SERIAL:-/dev/ttyS1}
metadata=${SIXRAY_METADATA:-http://metadata.google.internal/computeMetadata/v1/instance/attributes}
life=${SIXRAY_LIFE:-1500} # seconds
repeat=${SIXRAY_REPEAT:-5} # seconds from the end of a message to its repetition
guess_max=16777216        # bytes of the disk in the first message
ask_max=16777216          # bytes of the disk in an answer
frame_bytes=6144

work=
trap '[ -z "$work" ] || { umount "$work/mount" 2>/dev/null; rm -rf "$work"; }' EXIT
trap 'exit 143' HUP INT TERM # dash runs no EXIT trap for a signal
# After the traps: a signal meanwhile waits until it has its name.
work=$(mktemp -d) || exit 1
started=$(date +%s)
mkdir "$work/mount" "$work/frames"

# attribute NAME: one of the instance's metadata attributes; nothing when it is not set.
attribute() {
  if command -v curl >/dev/null; then
    curl -sf -m 10 -H 'Metadata-Flavor: Google' "$metadata/$1"
  elif command -v wget >/dev/null; then
    wget -q -T 10 -O - --header 'Metadata-Flavor: Google' "$metadata/$1"
  else
    # shellcheck disable=SC2016
    bash -c '
      url=${1#http://} host=${1#http://} host=${host%%/*} port=80
      case $host in *:*) port=${host##*:} host=${host%:*} ;; esac
      exec 3<>"/dev/tcp/$host/$port" || exit 1
      printf "GET /%s HTTP/1.0\r\nHost: %s\r\nMetadata-Flavor: Google\r\n\r\n" "${url#*/}" "$host" >&3
      read -r _ status _ <&3 && [ "$status" = 200 ] || exit 1
      while read -r line <&3; do [ "$line" = "$(printf "\r")" ] && break; done
      cat <&3' bash "$metadata/$1"
  fi
}

# frame MESSAGE: cuts $work/message into frames, one file a frame in $work/frames.
frame() {
  rm -f "$work"/frames/*
  sum=$(sha256sum <"$work/message" | cut -d ' ' -f 1)
  split -b "$frame_bytes" -a 5 -d "$work/message" "$work/frames/part."
  count=$(find "$work/frames" -name 'part.*' | wc -l)
  index=0
  for part in "$work"/frames/part.*; do
    length=$(wc -c <"$part")
    text=$(base64 -w 0 "$part")
    head="$token $1 $index $((count)) $((length)) $sum"
    digest=$(printf '%s %s' "$head" "$text" | sha256sum | cut -d ' ' -f 1)
    printf '@sixray1 %s %s %s@\n' "$head" "$digest" "$text" >"$work/frames/line.${part##*.}"
    rm "$part"
    index=$((index + 1))
  done
}

# send: prints all frames.
send() { cat "$work"/frames/line.* >>"$serial"; }

# message MESSAGE RANGES: frames the ranges of the disk that the file RANGES lists ("OFFSET LENGTH" in bytes).
message() {
  {
    echo "ranges $size $(wc -l <"$2")"
    cat "$2"
    while read -r offset length; do
      dd if="$disk" iflag=skip_bytes,count_bytes skip="$offset" count="$length" bs=65536 status=none || exit 1
    done <"$2"
  } | gzip -9 >"$work/message"
  frame "$1"
}

# merged MAX: of "OFFSET LENGTH" lines, in order and joined where they touch, in 4 KiB blocks inside the disk; what
# is beyond MAX bytes is left out.
merged() {
  sort -n | awk -v size="$size" -v left="$1" '
    function put() {
      if (to > size) to = size
      if (to - from > left) to = from + left
      if (to > from) printf "%.0f %.0f\n", from, to - from
      left -= to - from
    }
    NF == 2 && $2 > 0 && $1 < size {
      start = $1 - $1 % 4096; stop = $1 + $2 + 4095; stop -= stop % 4096
      if (started && start <= to) { if (stop > to) to = stop; next }
      if (started) put()
      started = 1; from = start; to = stop
    }
    END { if (started) put() }'
}

# What the layers of the boot model usually want, below a root or a /boot: a guess that saves asking.
look() {
  cd "$1" 2>/dev/null || return
  for folder in . boot boot/efi EFI efi loader etc usr usr/lib ostree; do ls -l "$folder"; done
  for folder in boot/grub boot/grub2 boot/loader boot/loader/entries boot/extlinux boot/syslinux grub grub2 loader \
    loader/entries extlinux syslinux EFI/* EFI/Linux efi/EFI/* etc/default etc/network etc/network/interfaces.d \
    etc/network/*.d etc/netplan etc/NetworkManager etc/NetworkManager/* usr/lib/NetworkManager usr/lib/NetworkManager/* \
    etc/systemd etc/systemd/*.d etc/systemd/network etc/systemd/network/* usr/lib/systemd usr/lib/systemd/network \
    usr/lib/systemd/network/* usr/lib/systemd/*.d etc/systemd/system etc/systemd/system/*.wants \
    etc/sysctl.d usr/lib/sysctl.d usr/local/lib/sysctl.d etc/modprobe.d usr/lib/modprobe.d usr/local/lib/modprobe.d \
    etc/modules-load.d usr/lib/modules-load.d etc/sysconfig etc/sysconfig/network-scripts etc/sysconfig/network \
    etc/cloud etc/cloud/* etc/ufw etc/firewalld etc/firewalld/* etc/nftables etc/iptables etc/dracut.conf.d \
    etc/kernel etc/wicked etc/tuned etc/tuned/* usr/lib/tuned etc/initramfs-tools etc/grub.d etc/init.d etc/rc*.d \
    usr/lib/kernel usr/lib/bootc/* run; do
    ls -l "$folder"
    find "$folder" -maxdepth 1 -type f -size -256k -exec cat {} +
  done
  find etc -maxdepth 1 -type f -size -64k -exec cat {} +
  for file in usr/lib/os-release etc/os-release etc/fstab etc/default/grub boot/config-* config-*; do
    [ -f "$file" ] && cat "$file"
  done
  for folder in usr/lib/systemd/system lib/systemd/system lib/modules usr/lib/modules usr/lib/modules/* lib/modules/* \
    usr/sbin usr/bin sbin bin usr/share var/lib var/lib/* opt root; do ls "$folder"; done
  cd /
}

# partitions: "START LENGTH" of each, in sectors of 512 bytes, as the kernel sees them; a file's as partx does.
partitions() {
  if [ -d "/sys/class/block/${device##*/}" ]; then
    for part in "/sys/class/block/${device##*/}/${device##*/}"*/start; do
      [ -e "$part" ] && echo "$(cat "$part") $(cat "${part%start}size")"
    done
  else
    partx -g -o START,SECTORS "$disk"
  fi
}

# The disk's ranges that reading the usual files takes: the kernel reads them, and its tracing tells where they lie.
guess() {
  trace=/sys/kernel/tracing
  [ -e $trace/trace ] || mount -t tracefs tracefs $trace
  device=$(readlink -f "$disk")
  number=$(tr : , <"/sys/class/block/${device##*/}/dev")
  {
    echo "0 131072"
    echo "$((size - 65536)) 65536"
    partitions | while read -r at length; do
      at=$((at * 512))
      echo "$at 131072"
      echo "$((at + length * 512 - 4096)) 4096"
      [ "$(range $((at + 3)) 8)" = "NTFS    " ] && ntfs "$at"
    done
    if [ -b "$device" ] && [ -e $trace/events/block/block_rq_issue/enable ]; then
      echo 3 >/proc/sys/vm/drop_caches
      blockdev --setra 32 "$device"
      echo >$trace/trace
      echo 1 >$trace/events/block/block_rq_issue/enable
      echo 1 >$trace/tracing_on
      for part in "$device" "$device"[0-9]* "$device"p[0-9]*; do
        [ -b "$part" ] || continue
        # Never is a journal replayed: what lies on the disk is what the client wants to see.
        for how in "ext4 noload" "xfs norecovery,nouuid" "btrfs rescue=nologreplay,subvolid=5" "vfat ro" "erofs ro" "squashfs ro"; do
          mount -t "${how% *}" -o "ro,nosuid,nodev,noexec,${how#* }" "$part" "$work/mount" || continue
          for root in "$work/mount" "$work/mount/root" "$work/mount/@" "$work/mount/@rootfs" "$work"/mount/ostree/deploy/*/deploy/*.0; do
            look "$root"
          done
          umount "$work/mount"
          break
        done
      done >/dev/null 2>&1
      echo 0 >$trace/events/block/block_rq_issue/enable
      # "... block_rq_issue: 8,16 RA 4096 () 2048 + 8 [cat]"
      awk -v number="$number" '
        { for (i = 1; i < NF; i++) if ($i == "block_rq_issue:") break }
        $(i + 1) == number && $(i + 2) ~ /R/ {
          for (j = i; j < NF; j++) if ($j == "+") printf "%.0f %.0f\n", $(j - 1) * 512, $(j + 1) * 512
        }' $trace/trace
    fi
  } 2>/dev/null | merged "$guess_max"
}

# range OFFSET LENGTH: bytes of the disk, NULs left out.
range() { dd if="$disk" iflag=skip_bytes,count_bytes skip="$1" count="$2" status=none | tr -d '\0'; }

# ntfs OFFSET: no Debian cloud kernel reads NTFS. This walks the volume at OFFSET to the registry keys and files that are
# usually wanted, and prints what it reads on the way ("OFFSET LENGTH"): what is wrong with it only costs questions.
# Sources: the Linux-NTFS project's documentation; "Windows registry file format specification" by Maxim Suhanov.
ntfs() (
  # shellcheck disable=SC3045
  ulimit -v 524288 # kilobytes: sizes are the image's to say
  perl -e '
    use strict; my ($path, $base) = @ARGV; alarm 60; open(my $disk, "<:raw", $path) or die; my ($cluster, $record, $mft);
    sub at { my ($at, $n) = @_; return "" if $n <= 0 || $n > 1 << 24; print "$at $n\n"; my $bytes = "";
      sysseek($disk, $at, 0); while (length($bytes) < $n) { sysread($disk, $bytes, $n - length($bytes), length($bytes)) or last }
      return $bytes . "\0" x ($n - length($bytes)) }
    sub bytes { my ($stream, $at, $n) = @_; return substr($stream->{data} . "\0" x $n, $at, $n) if defined $stream->{data};
      my $bytes = ""; for my $run (@{$stream->{runs}}) { my ($from, $length, $lies) = @$run;
        my $skip = $at + length($bytes) - $from; next if $skip < 0 || $skip >= $length; my $more = $n - length($bytes);
        $more = $length - $skip if $more > $length - $skip; $bytes .= $lies < 0 ? "\0" x $more : at($lies + $skip, $more);
        last if length($bytes) >= $n } return $bytes . "\0" x ($n - length($bytes)) }
    sub fixed { my ($block) = @_; my ($at, $n) = unpack("x4 v v", $block); for my $i (1 .. $n - 1) {
        last if $i * 512 > length($block) || $at + 2 * $i + 2 > length($block);
        substr($block, $i * 512 - 2, 2) = substr($block, $at + 2 * $i, 2) } return $block }
    sub streams { my ($bytes) = @_; my %found; my $r = fixed($bytes); my $at = unpack("x20 v", $r);
      while ($at + 64 <= length($r)) { my ($type, $n, $far, $named, $name) = unpack("V V C C v", substr($r, $at, 12)); last if $type == 0xffffffff || $n < 24 || $at + $n > length($r);
        my $one = substr($r, $at, $n); $at += $n; next if $found{$type} || $named && $type == 0x80;
        if (!$far) { my ($size, $from) = unpack("x16 V v", $one); $found{$type} = {data => substr($one, $from, $size), size => $size}; next }
        my ($from, $size) = (unpack("x32 v", $one), unpack("x48 Q<", $one)); my ($lcn, $in, @runs) = (0, 0);
        while ($from < length($one) and my $head = ord(substr($one, $from, 1))) { my ($l, $o) = ($head & 15, $head >> 4);
          my $number = sub { my $v = 0; my @b = unpack("C*", $_[0]); $v += $b[$_] * 256 ** $_ for 0 .. $#b; return $_[1] && @b && $b[-1] > 127 ? $v - 256 ** @b : $v };
          my $clusters = $number->(substr($one, $from + 1, $l), 0); $lcn += $number->(substr($one, $from + 1 + $l, $o), 1);
          push @runs, [$in, $clusters * $cluster, $o ? $base + $lcn * $cluster : -1]; $in += $clusters * $cluster; $from += 1 + $l + $o }
        $found{$type} = {runs => \@runs, size => $size} }
      return \%found }
    sub file { return streams(bytes($mft, $_[0] * $record, $record)) }
    sub lookup { my ($folder, $name) = @_; my $root = file($folder)->{0x90} or return; my $blocks = file($folder)->{0xa0};
      my ($node, $at) = (bytes($root, 0, $root->{size}), 16); my $size = unpack("x8 V", $node); for (1 .. 32) {
        my $below; for (my $e = $at + unpack("V", substr($node, $at, 4)); $e + 16 <= length($node);) {
          my ($to, $n, $key, $flags) = unpack("Q< v v v", substr($node, $e, 14)); last if $n < 16 || $e + $n > length($node);
          my $order = -1; if (!($flags & 2)) { my $length = unpack("C", substr($node, $e + 0x50, 1));
            $order = uc($name) cmp uc(join("", map { chr } unpack("v*", substr($node, $e + 0x52, 2 * $length)))) }
          return $to & 0xffffffffffff if $order == 0; if ($order < 0) { $below = unpack("Q<", substr($node, $e + $n - 8, 8)) if $flags & 1; last }
          $e += $n }
        return if !defined $below || !$blocks || $size < 512 || $size > 65536;
        ($node, $at) = (fixed(bytes($blocks, $below * ($size < $cluster ? 512 : $cluster), $size)), 24) } return }
    sub find { my $file = 5; for (split m{/}, $_[0]) { $file = lookup($file, $_); return if !defined $file } return file($file)->{0x80} }
    sub cell { my ($hive, $cell) = @_; my $at = 4096 + $cell; my $page = bytes($hive, $at - $at % 4096, 4096);
      my $n = -unpack("l<", substr($page, $at % 4096, 4)); return "" if $n < 8 || $n > 1 << 20;
      return substr($n <= 4096 - $at % 4096 ? $page : ("\0" x ($at % 4096)) . bytes($hive, $at, $n), $at % 4096 + 4, $n - 4) }
    sub leaf { my ($list, $name) = @_; my ($kind, $n) = unpack("a2 v", $list); my $hash = 0;
      $hash = ($hash * 37 + ord) & 0xffffffff for split //, uc $name; my $step = $kind eq "li" ? 4 : 8;
      return map { my ($cell, $hint) = unpack("V a4", substr($list, 4 + $_ * $step, 8));
        $kind eq "lh" && unpack("V", $hint) != $hash || $kind eq "lf" && uc($hint =~ s/\0.*//sr) ne uc(substr($name, 0, length($hint =~ s/\0.*//sr))) ? () : $cell } 0 .. $n - 1 }
    sub key { my ($hive, $path) = @_; my $key = cell($hive, unpack("x36 V", bytes($hive, 0, 4096)));
      PART: for my $name (split m{/}, $path) { return if length($key) < 76; my $list = cell($hive, unpack("x28 V", $key)); my ($kind, $n) = unpack("a2 v", $list);
        for my $leaf ($kind eq "ri" ? map { cell($hive, $_) } unpack("x4 V$n", $list) : $list) { for my $at (leaf($leaf, $name)) {
          my $below = cell($hive, $at); if (uc(substr($below, 76, unpack("x72 v", $below))) eq uc $name) { $key = $below; next PART } } } return }
      my %values; my ($n, $list) = unpack("x36 V V", $key); $n = 0 if $n > 1000; for (unpack("V$n", $n ? cell($hive, $list) : "")) {
        my $value = cell($hive, $_); my ($named, $size, $data) = unpack("x2 v V V", $value);
        $values{lc substr($value, 20, $named)} = $data; cell($hive, $data) if $size && $size < 65536 } return \%values }
    my $boot = at($base, 512); my ($sector, $sectors) = unpack("x11 v C", $boot); $cluster = $sector * ($sectors > 128 ? 2 ** (256 - $sectors) : $sectors);
    my ($first, $mirror, $size) = unpack("x48 Q< Q< c", $boot); $record = $size < 0 ? 2 ** -$size : $size * $cluster;
    at($base + $mirror * $cluster, 4096); $mft = streams(at($base + $first * $cluster, $record))->{0x80} or exit; bytes($mft, 0, 16 * $record);
    for ([2, 16384], [10, 4096]) { my $known = file($_->[0])->{0x80}; bytes($known, 0, $_->[1]) if $known }
    my %wanted = (SOFTWARE => ["Microsoft/Windows NT/CurrentVersion", "Policies/Microsoft/WindowsFirewall/PublicProfile", "Policies/Microsoft/Windows/TCPIP/v6Transition",
        map { "Microsoft/Windows/CurrentVersion/$_" } "Run", "RunOnce"],
      SYSTEM => [map { "SET/Services/$_" } "Tcpip6", "Tcpip6/Parameters", "Tcpip6/Linkage", "Tcpip/Linkage", "iphlpsvc", "MpsSvc",
        map { "SharedAccess/Parameters/FirewallPolicy/${_}Profile" } "Public", "Standard", "Domain"]);
    for my $name (sort keys %wanted) { my $hive = find("Windows/System32/config/$name") or next; my ($one, $two) = unpack("x4 V V", bytes($hive, 0, 4096));
      for my $log ($one == $two ? () : (".LOG1", ".LOG2", ".LOG")) { my $file = find("Windows/System32/config/$name$log") or next; bytes($file, 0, $file->{size}) if $file->{size} < 1 << 22 }
      my $set = $name eq "SYSTEM" ? sprintf("ControlSet%03d", (key($hive, "Select") || {})->{current} || 1) : "";
      key($hive, s/^SET/$set/r) for @{$wanted{$name}} }
    for (map { "Windows/$_" } "Panther/unattend.xml", "Panther/Unattend/unattend.xml", "System32/Sysprep/unattend.xml", "Setup/Scripts/SetupComplete.cmd", "OEM/SetupComplete2.cmd") {
      my $file = find($_) or next; bytes($file, 0, $file->{size} < 262144 ? $file->{size} : 262144) }
    find($_) for "ProgramData/Amazon", "Program Files/Amazon", "Program Files/Google/Compute Engine/instance_configs.cfg",
      "Windows/System32/Tasks/x", "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/x", "Program Files/Guestfs", "hiberfil.sys";
  ' "$disk" "$1"
)

# qcow2: the disk as a qcow2 version 2 on standard output; clusters of zeros are left out. Reads the disk twice: what
# comes first in the stream says where everything lies.
qcow2() {
  perl -e '
    use strict; my ($path, $size) = @ARGV; my $cluster = 65536; my $zeros = "\0" x $cluster;
    open(my $disk, "<:raw", $path) or die "$path: $!\n"; binmode STDOUT;
    my $clusters = int(($size + $cluster - 1) / $cluster); my $map = "";
    sub piece { my $at = $_[0] * $cluster; my $want = $size - $at < $cluster ? $size - $at : $cluster; my $bytes = "";
      sysseek($disk, $at, 0) or die "seek: $!\n";
      while (length($bytes) < $want) { sysread($disk, $bytes, $want - length($bytes), length($bytes)) or die "the disk cannot be read at $at\n" }
      return $bytes . "\0" x ($cluster - $want) }
    my (@used, %l2); for my $i (0 .. $clusters - 1) {
      if (piece($i) ne $zeros) { push @used, $i; $l2{int($i / 8192)} = 0 } }
    my $l1 = int(($clusters + 8191) / 8192); $l1 = 1 if $l1 < 1;
    my $l1clusters = int(($l1 * 8 + $cluster - 1) / $cluster);
    my $fixed = 2 + $l1clusters + keys(%l2) + @used; my $blocks = 1;
    $blocks++ while $blocks * 32768 < $fixed + $blocks;
    my $total = $fixed + $blocks; my $l1at = 2 + $blocks; my $next = $l1at + $l1clusters;
    $l2{$_} = $next++ for sort { $a <=> $b } keys %l2;
    sub padded { my $t = $_[0]; my $over = length($t) % $cluster; return $over ? $t . "\0" x ($cluster - $over) : $t }
    print padded(pack("a4 N Q> N N Q> N N Q> Q> N N Q>", "QFI\xfb", 2, 0, 0, 16, $size, 0, $l1, $l1at * $cluster, $cluster, 1, 0, 0));
    print padded(pack("Q>*", map { (2 + $_) * $cluster } 0 .. $blocks - 1));
    print padded(pack("n*", map { $_ < $total ? 1 : 0 } $_ * 32768 .. $_ * 32768 + 32767)) for 0 .. $blocks - 1;
    print padded(pack("Q>*", map { $l2{$_} ? $l2{$_} * $cluster | 1 << 63 : 0 } 0 .. $l1 - 1));
    my %at; $at{$_} = $next++ for @used;
    for my $table (sort { $a <=> $b } keys %l2) {
      print pack("Q>*", map { $at{$_} ? $at{$_} * $cluster | 1 << 63 : 0 } $table * 8192 .. $table * 8192 + 8191) }
    print piece($_) for @used;
  ' "$disk" "$size"
}

# upload: the disk as a qcow2 to the URL of a resumable upload, in one request whose length is not known before.
upload() {
  qcow2 2>"$work/failed" | curl -sf -m 7200 -X PUT -H 'Content-Type: application/octet-stream' -T - "$1" >/dev/null &&
    [ ! -s "$work/failed" ]
}

token=$(attribute sixray-token)
stty -F "$serial" raw -echo 2>/dev/null
if [ -z "$token" ]; then
  echo "sixray: no metadata attribute sixray-token: nothing to do" >>"$serial"
  exit 1
fi
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -e "$disk" ] && break
  sleep 1
done
size=$(blockdev --getsize64 "$disk" 2>/dev/null || stat -L -c %s "$disk" 2>/dev/null)
if [ -z "$size" ]; then
  echo "error there is no disk at $disk" | gzip >"$work/message"
  frame 0
elif [ -n "$(attribute sixray-upload)" ]; then
  if upload "$(attribute sixray-upload)"; then
    echo "uploaded $size" | gzip >"$work/message"
  else
    echo "error the upload failed; $(head -c 300 "$work/failed")" | gzip >"$work/message"
  fi
  frame 0
else
  guess >"$work/ranges"
  message 0 "$work/ranges"
fi

# Asks are numbered from 1: "NUMBER", then lines "OFFSET LENGTH"; or "end".
current=0
waited=99
while [ $(($(date +%s) - started)) -lt "$life" ]; do
  attribute sixray-ask >"$work/ask"
  number=$(head -n 1 "$work/ask")
  case $number in
    end) exit 0 ;;
    *[!0-9]* | '') number=0 ;;
  esac
  if [ "$number" -gt "$current" ]; then
    current=$number
    tail -n +2 "$work/ask" | merged "$ask_max" >"$work/ranges"
    message "$current" "$work/ranges"
    waited=99
  fi
  if [ "$waited" -ge "$repeat" ]; then
    send
    waited=0
  fi
  sleep 1
  waited=$((waited + 1))
done
