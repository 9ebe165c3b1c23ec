import { put, run, sh, type LabHost } from '../lab.ts';

const base = 'dc=school,dc=example';
const secret = 'not in any argv';

/** The settings with which an admin on the server reaches the directory. */
export const directorySettings = {
  url: 'ldap://server',
  baseDn: base,
  bindDn: `cn=admin,${base}`,
  caFile: '/etc/ldap/school-ca.pem',
  bindSecretFile: '/root/ldap-secret',
};

/**
 * A slapd on the server with nothing but its base, as Debian's package leaves one, and a certificate; it answers nobody
 * who does not encrypt. The admin's files are put there too.
 */
export async function startDirectory(): Promise<void> {
  await put('server', '/root/slapd.conf', slapdConf, '600');
  await sh(
    'server',
    `install -d -o openldap -g openldap -m 700 /var/lib/ldap-school
     cd /var/lib/ldap-school
     key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
     openssl req -x509 $key -subj /CN=school -keyout ca.key -out ca.pem 2>/dev/null
     openssl req $key -subj /CN=server -keyout server.key -out server.csr 2>/dev/null
     printf subjectAltName=DNS:server > names
     openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem 2>/dev/null
     chown openldap server.key
     install -o openldap -m 600 /root/slapd.conf slapd.conf
     systemd-run --quiet --unit slapd-school /usr/sbin/slapd -d 0 -u openldap -g openldap \\
       -f /var/lib/ldap-school/slapd.conf -h ldap:///
     for try in $(seq 50); do ldapwhoami -x -H ldap://localhost >/dev/null 2>&1 && break; sleep 0.2; done
     umask 077
     printf %s '${secret}' > password
     LDAPTLS_CACERT=ca.pem ldapadd -ZZ -x -H ldap://server -D 'cn=admin,${base}' -y password <<END
dn: ${base}
objectClass: dcObject
objectClass: organization
o: School
dc: school
END`,
  );
  await sh('server', 'install -m 644 /var/lib/ldap-school/ca.pem /etc/ldap/school-ca.pem');
  await put('server', directorySettings.bindSecretFile, secret, '600');
}

/** Has a host look up users and groups there, as well as in its own files. */
export async function lookUpInDirectory(host: LabHost): Promise<void> {
  await put(host, '/etc/ldap/school-ca.pem', await run('server', 'cat', '/var/lib/ldap-school/ca.pem'));
  await put(
    host,
    '/etc/nslcd.conf',
    [
      'uid nslcd',
      'gid nslcd',
      'uri ldap://server',
      `base ${base}`,
      'ssl start_tls',
      'tls_reqcert demand',
      'tls_cacertfile /etc/ldap/school-ca.pem',
      '',
    ].join('\n'),
    '640',
  );
  await sh(
    host,
    `chgrp nslcd /etc/nslcd.conf
     sed -i -e 's/^passwd:.*/passwd: files ldap/' -e 's/^group:.*/group: files ldap/' /etc/nsswitch.conf
     systemctl start nslcd`,
  );
}

const slapdConf = [
  ...['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema`),
  'modulepath /usr/lib/ldap',
  'moduleload back_mdb',
  ...['CACertificate ca.pem', 'Certificate server.pem', 'CertificateKey server.key'].map((words) =>
    words.replace(/^(\w+) (.*)$/, 'TLS$1File /var/lib/ldap-school/$2'),
  ),
  'security simple_bind=128',
  'database mdb',
  `suffix "${base}"`,
  `rootdn "cn=admin,${base}"`,
  `rootpw "${secret}"`,
  'directory /var/lib/ldap-school',
  'maxsize 67108864',
  'access to attrs=userPassword by anonymous auth by * none',
  'access to * by * read',
  '',
].join('\n');
