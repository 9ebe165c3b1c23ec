# The hosts in their clean state: set up once after a first boot, saved, and kept in the cache beside the image,
# so that later ones of `up` only copy them. Sourced by scripts/lab.
# shellcheck shell=bash

# Everything that a saved VM state depends on.
use_clean_hosts() {
  CLEAN_HOSTS=$IMAGE/hosts-$({
    cat "$RUN/accel"
    qemu-system-x86_64 --version
    # With hardware virtualisation the guest has seen the machine's own processor.
    if [[ $(cat "$RUN/accel") == kvm ]]; then uname -r; grep -m1 '^model name' /proc/cpuinfo; fi
    cd "$LAB_D" || exit
    sha256sum accel.sh vm.sh hosts.sh states.sh lshell-standin hosts/all.sh hosts/server.sh hosts/mac.sh
  } | sha256sum | cut -c1-16)
}

clean_hosts_are_made() { [[ -d $CLEAN_HOSTS ]]; }

make_clean_hosts() {
  create_keys
  say "booting ${HOSTS[*]} for the first time ($(cat "$RUN/accel"))"
  in_parallel first_boot "${HOSTS[@]}" || fail_up "the hosts could not be set up"
  in_parallel save_host "${HOSTS[@]}" || fail_up "the clean state could not be saved"
  keep_clean_hosts
}

first_boot() {
  create_disks "$1"
  : >"$(net_record "$1")"
  start_vm "$1" && open_control "$1" && set_up_host "$1" && say "$1 is set up"
}

# Ends the VMs in good order, which leaves whole files behind, and moves them to the cache in one step.
keep_clean_hosts() {
  local host
  BUILDING=$(mktemp -d "$CACHE/building.XXXXXX")
  for host in "${HOSTS[@]}"; do
    vm_monitor "$host" quit || true
    while vm_runs "$host"; do sleep 0.05; done
    mkdir "$BUILDING/$host"
    mv "$RUN/$host"/{root.qcow2,data.qcow2,states} "$BUILDING/$host/"
    rm -rf "${RUN:?}/$host"
  done
  sync -f "$BUILDING"
  # Older ones are of other code: nothing will ask for them again.
  rm -rf "$IMAGE"/hosts-*
  mv -T "$BUILDING" "$CLEAN_HOSTS"
  BUILDING=
}

start_clean_hosts() {
  local host
  for host in "${HOSTS[@]}"; do
    rm -rf "${RUN:?}/$host"
    cp -r --sparse=always --reflink=auto "$CLEAN_HOSTS/$host" "$RUN/$host"
  done
  in_parallel reset_host "${HOSTS[@]}"
}

# The run directory goes when `up` fails; what the guests said last stays.
fail_up() {
  local host
  mkdir -p "$CACHE/failed"
  for host in "${HOSTS[@]}"; do cp "$RUN/$host/console.log" "$CACHE/failed/$host.log" 2>/dev/null || true; done
  # Hardware virtualisation that passed the probe and fails here is not to be tried again.
  [[ $(cat "$RUN/accel") == tcg ]] || echo "$(boot_id) tcg" >"$CACHE/accel"
  die 1 "$1 (their consoles: $CACHE/failed)"
}

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
