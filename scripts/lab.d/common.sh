# Words, paths and messages that every part of the lab shares. Sourced by scripts/lab.
# shellcheck shell=bash
# The variables here are read by the files sourced next to this one.
# shellcheck disable=SC2034,SC2153

EX_USAGE=64
EX_UNAVAILABLE=69

HOSTS=(server mac-a mac-b)
# A lab of another name stands beside the first, with the same addresses in its own namespace.
NETNS=${ROAMHOME_LAB_NAME:-roamhome-lab}
BRIDGE=lab0
CONTROL_GUEST_PORT=2222
CLEAN_STATE=clean

# The image goes into the user's cache. The run directory is one fixed place, because the namespace and its
# addresses are one of a kind too; it holds the disks, so it must not be a tmpfs such as /run.
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/roamhome/lab
RUN=/var/lib/$NETNS
LOCK=/var/lock/$NETNS.lock

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

unavailable() { die "$EX_UNAVAILABLE" "$@"; }
usage_error() { die "$EX_USAGE" "$* (see scripts/lab --help)"; }

require_host() {
  local host
  for host in "${HOSTS[@]}"; do [[ $host == "${1-}" ]] && return; done
  usage_error "no host '${1-}': the hosts are ${HOSTS[*]}"
}

host_address() {
  case $1 in
    server) echo 10.98.7.10 ;;
    mac-a) echo 10.98.7.11 ;;
    mac-b) echo 10.98.7.12 ;;
  esac
}

# A number of its own for each host: MAC addresses and the forwarded control port are made from it.
host_number() { local address; address=$(host_address "$1"); echo "${address##*.}"; }

# The machine's present boot: what is remembered about it may not outlive that.
boot_id() { cat /proc/sys/kernel/random/boot_id; }

require_root() { [[ $EUID -eq 0 ]] || unavailable "must run as root (namespaces, taps and the image build need it)"; }

# One command at a time changes the lab. The descriptor is closed for everything that outlives the command.
take_lock() {
  exec 9>"$LOCK"
  flock -n 9 && return
  say "another lab command is at work: waiting for it"
  flock -w 1200 9 || die 75 "another lab command still holds $LOCK"
}

# The cache is shared by labs of any name: one at a time makes something for it.
take_cache_lock() {
  mkdir -p "$CACHE"
  exec 8>"$CACHE/lock"
  flock -n 8 && return
  say "another lab is at work on the cache: waiting for it"
  flock -w 1200 8 || die 75 "another lab still holds $CACHE/lock"
}
drop_cache_lock() { exec 8>&-; }

# in_parallel FUNCTION HOST...: runs FUNCTION HOST for all hosts side by side; fails if one failed.
in_parallel() {
  local run=$1 host failed=0 pids=()
  shift
  for host in "$@"; do
    "$run" "$host" &
    pids+=($!)
  done
  local pid
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return "$failed"
}
