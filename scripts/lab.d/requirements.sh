# What the machine must have; installs Debian packages where it can. Sourced by scripts/lab.
# shellcheck shell=bash

# command:package
NEEDED=(
  qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils mmdebstrap:mmdebstrap mke2fs:e2fsprogs
  ssh:openssh-client ssh-keygen:openssh-client ip:iproute2 perl:perl-base flock:util-linux unshare:util-linux
)

require_machine() {
  require_root
  [[ $(uname -m) == x86_64 ]] || unavailable "needs an x86_64 machine, this is $(uname -m)"
  [[ -c /dev/net/tun ]] || unavailable "/dev/net/tun is missing: the private network needs it"
  command -v node >/dev/null || unavailable "node is not in PATH: the guests get a copy of it"
  install_missing_packages
}

install_missing_packages() {
  local pair missing=()
  for pair in "${NEEDED[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null || unavailable "missing: ${missing[*]} (and no apt-get to install them)"
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 8>&- 9>&-; then
    local reason
    reason=$(grep -m1 '^E:' "$log" || tail -n1 "$log")
    rm -f "$log"
    unavailable "cannot install ${missing[*]}: $reason"
  fi
  rm -f "$log"
}

# require_space DIRECTORY GIBIBYTES WHAT
require_space() {
  local free
  mkdir -p "$1"
  free=$(($(df --output=avail -k "$1" | tail -n1) / 1048576))
  ((free >= $2)) || unavailable "$3 needs $2 GiB free on $1, there are $free"
}
