#!/bin/bash
# image-customize.sh ROOT GUEST_FILES NODE PUBLIC_KEY: turns the unpacked root into the hosts' common system.
# Called by mmdebstrap, with proc and dev mounted in ROOT.
set -euo pipefail

root=$1
guest=$2
node=$3
public_key=$4
in_root() { chroot "$root" "$@"; }

keep_module_without_compiler() {
  local kernel
  kernel=$(basename "$root"/lib/modules/*)
  in_root dkms autoinstall -k "$kernel"
  ls "$root/lib/modules/$kernel"/updates/dkms/zfs.ko* >/dev/null
  # Removing zfs-dkms removes what it built, so the modules step aside meanwhile.
  mv "$root/lib/modules/$kernel/updates/dkms" "$root/root/modules"
  in_root apt-get -y -q purge --autoremove zfs-dkms dkms build-essential 'linux-headers-*'
  mkdir -p "$root/lib/modules/$kernel/updates"
  mv "$root/root/modules" "$root/lib/modules/$kernel/updates/dkms"
  in_root depmod "$kernel"
}

make_small_initrd() {
  cp "$guest/initramfs.conf" "$root/etc/initramfs-tools/conf.d/lab"
  printf '%s\n' virtio_pci virtio_blk ext4 >>"$root/etc/initramfs-tools/modules"
  in_root update-initramfs -u -k all
}

install_guest_files() {
  install -m 0755 "$node" "$root/usr/local/bin/node"
  install -m 0755 "$guest/lab-net" "$guest/lab-pool" "$root/usr/local/sbin/"
  install -m 0644 "$guest"/*.service "$root/etc/systemd/system/"
  install -m 0644 "$guest/sshd_lab_config" "$root/etc/ssh/sshd_lab_config"
  install -m 0644 "$guest/modprobe.conf" "$root/etc/modprobe.d/lab.conf"
  install -D -m 0644 "$guest/journald.conf" "$root/etc/systemd/journald.conf.d/lab.conf"
  install -D -m 0644 "$guest/ssh-dropin.conf" "$root/etc/systemd/system/ssh.service.d/lab.conf"
  install -d -m 0755 "$root/etc/ssh/lab"
  install -m 0600 "$public_key" "$root/etc/ssh/lab/authorized_keys"
  printf '127.0.0.1 localhost\n10.98.7.10 server\n10.98.7.11 mac-a\n10.98.7.12 mac-b\n' >"$root/etc/hosts"
  printf 'LANG=C.UTF-8\n' >"$root/etc/default/locale"
  printf 'Etc/UTC\n' >"$root/etc/timezone"
  ln -sf /usr/share/zoneinfo/Etc/UTC "$root/etc/localtime"
  # Empty: the kernel command line names the host. A given id keeps systemd from making up a first boot.
  : >"$root/etc/hostname"
  echo 00000000000000000000000000000001 >"$root/etc/machine-id"
  printf '/dev/vda / ext4 rw,noatime 0 1\n' >"$root/etc/fstab"
}

# A guest must boot fast and do nothing by itself: no timers, no mounting, no console logins.
quieten() {
  # Host keys are each host's own.
  rm -f "$root"/etc/ssh/ssh_host_*
  in_root ssh-keygen -q -t ed25519 -N '' -C lab-control -f /etc/ssh/lab/host_key
  in_root usermod -p '*' -s /bin/sh root
  in_root systemctl --quiet enable lab-net.service lab-pool.service lab-sshd.service ssh.service rsyslog.service
  # The tests that want a directory start it.
  in_root systemctl --quiet disable slapd.service nslcd.service
  in_root systemctl --quiet mask \
    zfs-import-cache.service zfs-import-scan.service zfs-mount.service zfs-share.service zfs-zed.service \
    zfs-volume-wait.service zfs.target zfs-import.target \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
    logrotate.timer systemd-tmpfiles-clean.timer man-db.timer \
    getty@tty1.service getty-static.service getty.target serial-getty@ttyS0.service console-getty.service \
    systemd-timesyncd.service systemd-networkd.service systemd-resolved.service systemd-logind.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-user-sessions.service \
    systemd-pstore.service systemd-random-seed.service keyboard-setup.service console-setup.service \
    modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service modprobe@configfs.service \
    modprobe@dm_mod.service modprobe@loop.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
    systemd-modules-load.service zfs-load-module.service \
    systemd-journal-flush.service ifupdown-pre.service networking.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount
  in_root systemctl --quiet set-default multi-user.target
  rm -rf "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/sources.list* "$root"/etc/apt/preferences.d/zfs
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log
  # Users may log in from the start: what lifts systemd's nologin is masked above.
  ln -s /dev/null "$root/etc/tmpfiles.d/systemd-nologin.conf"
}

keep_module_without_compiler
install_guest_files
make_small_initrd
quieten
in_root /usr/local/bin/node --version
