#!/bin/bash
# image-build.sh DIRECTORY NODE: makes base.raw, vmlinuz, initrd and zfs-version in DIRECTORY, which holds
# sources.list and the control key. Run by image.sh in a mount and process namespace of its own.
set -euo pipefail

dir=$1
node=$2
here=$(dirname "$(readlink -f "$0")")
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

# Without this a mount made here could propagate to the machine.
mount --make-rprivate /

kernel=(linux-image-cloud-amd64 initramfs-tools zstd)
system=(systemd-sysv udev openssh-server rsyslog iproute2 attr acl procps psmisc bsdutils kmod e2fsprogs
  zfsutils-linux ca-certificates libstdc++6 libatomic1)
# A directory of users on the server, and how the Macs look users up in it; sudo for provisioning from afar.
directory=(slapd ldap-utils nslcd libnss-ldapd sudo openssl)
# Only there to compile the module.
build_tools=(linux-headers-cloud-amd64 dkms build-essential zfs-dkms)

# mmdebstrap reads apt's settings from inside the new root: hand over what says how to reach the mirror.
apt-config dump | grep -iE '^Acquire::(https?::|Check-|.*proxy)' >"$dir/apt-reach.conf" || true

# shellcheck disable=SC2016  # mmdebstrap sets $1
prefer_zfs='cat >"$1/etc/apt/preferences.d/zfs" <<END
Package: src:zfs-linux
Pin: release n=bookworm-backports
Pin-Priority: 900

Package: src:zfs-linux
Pin: version 2.3.2*
Pin-Priority: 990
END'

without_docs=('/usr/share/man/*' '/usr/share/info/*' '/usr/share/doc/*' '/usr/share/locale/*')
include=$(IFS=,; echo "${kernel[*]} ${system[*]} ${directory[*]} ${build_tools[*]}" | tr ' ' ,)

mmdebstrap --mode=root --variant=minbase --format=directory --skip=cleanup/tmp \
  --aptopt="$dir/apt-reach.conf" --aptopt='Apt::Install-Recommends "false"' \
  "${without_docs[@]/#/--dpkgopt=path-exclude=}" \
  --setup-hook="mkdir -p \"\$1/etc/apt/preferences.d\"; $prefer_zfs" \
  --include="$include" \
  --customize-hook="$here/image-customize.sh \"\$1\" \"$here/guest\" \"$node\" \"$dir/control-key.pub\"" \
  bookworm "$dir/root" "$dir/sources.list"

cp -L "$dir/root/vmlinuz" "$dir/vmlinuz"
cp -L "$dir/root/initrd.img" "$dir/initrd"
# shellcheck disable=SC2016  # dpkg-query's own variable
chroot "$dir/root" dpkg-query -W -f '${Version}\n' zfsutils-linux >"$dir/zfs-version.new"

# Sparse: a guest's root has 4 GiB, the file takes what is in it.
mke2fs -q -t ext4 -L roamhome-lab -E root_owner=0:0 -d "$dir/root" "$dir/base.raw" 4G
chmod 0444 "$dir/base.raw"
rm -rf "$dir/root" "$dir/sources.list" "$dir/apt-reach.conf"
mv "$dir/zfs-version.new" "$dir/zfs-version"
