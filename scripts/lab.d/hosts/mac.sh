# shellcheck shell=sh
# Set-up of a Mac, run as root in the guest after all.sh. Its key and known_hosts lie in /etc/roamhome already.
set -eu
zfs create -o canmount=off -o mountpoint=none -o compression=lz4 -o atime=off -o setuid=off -o devices=off -o acltype=posixacl -o xattr=sa data/profiles
chmod 0600 /etc/roamhome/id_ed25519
systemctl restart ssh
