# shellcheck shell=sh
# Set-up of any host, run as root in the guest.
set -eu
zpool create -f -o ashift=12 -o cachefile=none -O canmount=off -O mountpoint=none data /dev/vdb

groupadd --gid 2100 zfs_mobile_sync
for user in alice:2001 bob:2002 carol:2003; do
  useradd --uid "${user#*:}" --user-group --no-create-home --home-dir "/Users/${user%:*}" --shell /bin/bash \
    --password '*' "${user%:*}"
done
for member in alice bob; do usermod --append --groups zfs_mobile_sync "$member"; done
install -d -o root -g root -m 0755 /Users /etc/roamhome
hostname >/etc/hostname
