# Sets the hosts up, once, after their first boot: what docs/lab.md calls the clean state. Sourced by scripts/lab.
# shellcheck shell=bash

# Made here rather than in the guests, since each must know the others' public halves from the start.
create_keys() {
  local host keys=$RUN/keys
  mkdir -p "$keys"
  for host in "${HOSTS[@]}"; do
    [[ -f $keys/$host.host ]] || ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$keys/$host.host"
  done
  for host in mac-a mac-b; do
    [[ -f $keys/$host.id ]] || ssh-keygen -q -t ed25519 -N '' -C "roamhome@$host" -f "$keys/$host.id"
  done
}

set_up_host() {
  local host=$1 role=mac stage
  [[ $host != server ]] || role=server
  stage=$(mktemp -d "$RUN/$host/stage.XXXXXX")
  "stage_$role" "$host" "$stage"
  install -D -m 0600 "$RUN/keys/$host.host" "$stage/etc/ssh/ssh_host_ed25519_key"
  install -D -m 0644 "$RUN/keys/$host.host.pub" "$stage/etc/ssh/ssh_host_ed25519_key.pub"
  # Top directories stay as they are in the guest.
  (cd "$stage" && find . -type f -print0 | tar -c --null --mtime=@0 --owner=0 --group=0 -T -) |
    guest "$host" tar -x --no-same-owner -C /
  rm -rf "$stage"
  cat "$LAB_D/hosts/all.sh" "$LAB_D/hosts/$role.sh" | guest "$host" sh -s
}

stage_server() {
  install -D -m 0755 "$LAB_D/lshell-standin" "$2/usr/local/bin/lshell-standin"
  install -D -m 0600 /dev/null "$2/root/mac-keys"
  cat "$RUN/keys/mac-a.id.pub" "$RUN/keys/mac-b.id.pub" >"$2/root/mac-keys"
}

stage_mac() {
  install -D -m 0600 "$RUN/keys/$1.id" "$2/etc/roamhome/id_ed25519"
  install -D -m 0644 "$RUN/keys/$1.id.pub" "$2/etc/roamhome/id_ed25519.pub"
  local public
  public=$(cut -d' ' -f1,2 "$RUN/keys/server.host.pub")
  printf 'server %s\n%s %s\n' "$public" "$(host_address server)" "$public" >"$2/etc/roamhome/known_hosts"
  chmod 0644 "$2/etc/roamhome/known_hosts"
}
