import { fileOf, put, sh } from '../lab.ts';
import { installOnServer } from '../roam.ts';

const account = 'zfs_mobile_sync';

/**
 * Takes away what the lab's own set-up made on the server: a Debian with OpenZFS, sshd, an lshell, and Roamhome's program. The Macs' keys
 * let their admins in as admin.
 */
export async function makeServerBare(): Promise<void> {
  await sh(
    'server',
    `for root in data/profiles data/profiles-conflicts; do zfs destroy -r $root; done
     userdel ${account} && groupmod -n gone ${account}
     rm -rf /var/lib/${account} /etc/roamhome /etc/lshell.conf /etc/ssh/sshd_config.d/roamhome.conf
     useradd --create-home --shell /bin/sh --password '*' admin
     echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin
     install -d -o admin -g admin -m 700 /home/admin/.ssh
     install -o admin -g admin -m 600 /root/mac-keys /home/admin/.ssh/authorized_keys
     systemctl restart ssh`,
  );
  await put('server', '/usr/local/bin/lshell', await fileOf('scripts/lab.d/lshell-standin'), '755');
  await installOnServer();
}
