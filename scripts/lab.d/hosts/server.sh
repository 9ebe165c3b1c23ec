# shellcheck shell=sh
# Set-up of the server, run as root in the guest after all.sh. The Macs' public keys are in /root/mac-keys.
set -eu
zfs create -o canmount=off -o mountpoint=none -o compression=lz4 -o atime=off -o setuid=off -o devices=off -o acltype=posixacl -o xattr=sa data/profiles
zfs create -o canmount=off -o mountpoint=none -o compression=lz4 -o atime=off -o setuid=off -o devices=off -o acltype=posixacl -o xattr=sa data/profiles-conflicts

# The account behind the restricted shell, and one with a plain shell to measure against.
useradd --gid zfs_mobile_sync --create-home --home-dir /var/lib/zfs_mobile_sync \
  --shell /usr/local/bin/lshell-standin --password '*' zfs_mobile_sync
useradd --create-home --home-dir /var/lib/zfs_plain --shell /bin/sh --password '*' zfs_plain
for user in zfs_mobile_sync zfs_plain; do
  for root in data/profiles data/profiles-conflicts; do
    zfs allow -u "$user" receive:append,create,mount,userprop,bookmark,snapshot,send,hold "$root"
  done
  install -d -o "$user" -g "$(id -gn "$user")" -m 0700 "/var/lib/$user/.ssh"
  sed 's/^/restrict /' /root/mac-keys >"/var/lib/$user/.ssh/authorized_keys"
  chown "$user:" "/var/lib/$user/.ssh/authorized_keys"
done
# As `roamhome provision server` writes it.
cat >/etc/lshell.conf <<'END'
[global]
logpath : /var/log/lshell/

[zfs_mobile_sync]
allowed : ['zfs']
overssh : ['zfs']
forbidden : [';', '&', '|', '`', '>', '<', '$', '"', "'", '\\', '&&', '||', ' zfs ']
warning_counter : 2
sudo_commands : []
scp : 0
sftp : 0
env_path : '/usr/sbin:/sbin:/usr/local/sbin'
END
install -o zfs_mobile_sync -g zfs_mobile_sync -m 0644 /dev/null /var/log/lshell.log

cat >/etc/ssh/sshd_config.d/roamhome.conf <<'END'
LogLevel VERBOSE
UseDNS no
PasswordAuthentication no
# A Mac that lost its power or its network: without this its receive would hold the home for ever.
ClientAliveInterval 5
ClientAliveCountMax 3
Match User zfs_mobile_sync,zfs_plain
  PermitTTY no
END
systemctl restart ssh
