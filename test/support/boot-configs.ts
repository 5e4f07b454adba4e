/* What the tools of distributions write for their boot loaders. */

const HEADER = `if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="\${saved_entry}"
fi
if [ x"\${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
function savedefault {
  if [ -z "\${boot_once}" ]; then
    saved_entry="\${chosen}"
    save_env saved_entry
  fi
}
function load_video {
  if [ x$feature_all_video_module = xy ]; then
    insmod all_video
  else
    insmod efi_gop
  fi
}
if [ x$feature_default_font_path = xy ] ; then
   font=unicode
else
   font="/usr/share/grub/unicode.pf2"
fi
if loadfont $font ; then
  set gfxmode=auto
  load_video
  insmod gfxterm
fi
terminal_output gfxterm
`;

export const CUSTOM: string = `if [ -f  \${config_directory}/custom.cfg ]; then
  source \${config_directory}/custom.cfg
elif [ -z "\${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
`;

const SEARCH = `	insmod part_gpt
	insmod ext2
	if [ x$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt1 --hint-efi=hd0,gpt1 0a-1b
	else
	  search --no-floppy --fs-uuid --set=root 0a-1b
	fi
`;

/** What grub-mkconfig makes of one kernel on Debian: a first entry, a submenu, firmware settings, custom.cfg. */
export function debian(first: string, recovery: string, boot = "/boot"): string {
  const entry = (title: string, id: string, args: string): string =>
    `menuentry '${title}' --class debian --class os $menuentry_id_option '${id}' {
	load_video
	insmod gzio
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
${SEARCH}	echo	'Loading Linux 6.1.0-18-cloud-amd64 ...'
	linux	${boot}/vmlinuz-6.1.0-18-cloud-amd64 root=UUID=0a-1b ro ${args}
	initrd	${boot}/initrd.img-6.1.0-18-cloud-amd64
}
`;
  return `${HEADER}${entry("Debian GNU/Linux", "gnulinux-simple-0a-1b", first)}submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-0a-1b' {
${entry("Debian GNU/Linux, with Linux 6.1.0-18-cloud-amd64", "gnulinux-6.1.0-18-advanced-0a-1b", first)}
${entry("Debian GNU/Linux, with Linux 6.1.0-18-cloud-amd64 (recovery mode)", "gnulinux-6.1.0-18-recovery-0a-1b", recovery)}
}
if [ "$grub_platform" = "efi" ]; then
	fwsetup --is-supported
	if [ "$?" = 0 ]; then
		menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
			fwsetup
		}
	fi
fi
${CUSTOM}`;
}

export const ubuntu: string = `${HEADER}function recordfail {
  set recordfail=1
  if [ -n "\${have_grubenv}" ]; then if [ -z "\${boot_once}" ]; then save_env recordfail; fi; fi
}
function gfxmode {
	set gfxpayload="\${1}"
	if [ "\${1}" = "keep" ]; then
		set vt_handoff=vt.handoff=7
	else
		set vt_handoff=
	fi
}
if [ "\${recordfail}" != 1 ]; then
  if [ -e \${prefix}/gfxblacklist.txt ]; then
    if [ \${grub_platform} != pc ]; then
      set linux_gfx_mode=keep
    elif hwmatch \${prefix}/gfxblacklist.txt 3; then
      if [ \${match} = 0 ]; then
        set linux_gfx_mode=keep
      else
        set linux_gfx_mode=text
      fi
    else
      set linux_gfx_mode=text
    fi
  else
    set linux_gfx_mode=keep
  fi
else
  set linux_gfx_mode=text
fi
export linux_gfx_mode
menuentry 'Ubuntu' --class ubuntu $menuentry_id_option 'gnulinux-simple-0a-1b' {
	recordfail
	load_video
	gfxmode $linux_gfx_mode
${SEARCH}	if [ "\${initrdfail}" = 1 ]; then
	  linux	/vmlinuz-6.8.0-31-generic root=PARTUUID=77 ro quiet splash $vt_handoff
	  initrd	/initrd.img-6.8.0-31-generic
	else
	  linux	/vmlinuz-6.8.0-31-generic root=PARTUUID=77 ro quiet splash $vt_handoff panic=-1
	fi
	initrdfail
}
submenu 'Advanced options for Ubuntu' $menuentry_id_option 'gnulinux-advanced-0a-1b' {
	menuentry 'Ubuntu, with Linux 6.8.0-31-generic' $menuentry_id_option 'gnulinux-6.8.0-31-generic-advanced-0a-1b' {
		gfxmode $linux_gfx_mode
		linux	/vmlinuz-6.8.0-31-generic root=PARTUUID=77 ro single ipv6.disable=1
	}
}
`;

export const BLSCFG: string = `if [ -f \${config_directory}/grubenv ]; then
  load_env -f \${config_directory}/grubenv
elif [ -s $prefix/grubenv ]; then
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
else
   set default="\${saved_entry}"
fi
insmod increment
if [ "\${boot_counter}" -a "\${boot_success}" = "0" ]; then
  if  [ "\${boot_counter}" = "0" -o "\${boot_counter}" = "-1" ]; then
    set default=1
    set boot_counter=-1
  else
    decrement boot_counter
  fi
  save_env boot_counter
fi
search --no-floppy --fs-uuid --set=root 0a-1b
search --no-floppy --fs-uuid --set=boot 0a-1b
if [ -z "\${kernelopts}" ]; then
  set kernelopts="root=UUID=22 ro fallback"
fi
insmod blscfg
blscfg
if [ "$grub_platform" = "efi" ]; then
	menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' { fwsetup; }
fi
${CUSTOM}`;

export const ID: string = "0123456789abcdef0123456789abcdef";
export function bls(version: string, options: string): string {
  return `title Linux (${version})\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img\noptions ${options}\ngrub_users $grub_users\ngrub_arg --unrestricted\ngrub_class kernel\n`;
}
export function envBlock(text: string): string {
  return `# GRUB Environment Block\n${text}`.padEnd(1024, "#");
}
