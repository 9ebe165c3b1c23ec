# The private network: a bridge in a namespace of its own with one tap for each host. Sourced by scripts/lab.
# shellcheck shell=bash

network_exists() { ip netns pids "$NETNS" >/dev/null 2>&1 && ip -n "$NETNS" link show "$BRIDGE" >/dev/null 2>&1; }

create_network() {
  network_exists && return
  destroy_network
  ip netns add "$NETNS"
  # No IPv6 in the namespace: it would let the machine itself take part in the private network.
  ip netns exec "$NETNS" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' 2>/dev/null || true
  ip -n "$NETNS" link set lo up
  ip -n "$NETNS" link add "$BRIDGE" type bridge
  ip -n "$NETNS" link set "$BRIDGE" up
  local host
  for host in "${HOSTS[@]}"; do
    ip -n "$NETNS" tuntap add "tap-$host" mode tap
    ip -n "$NETNS" link set "tap-$host" master "$BRIDGE" up
  done
}

destroy_network() { ip netns delete "$NETNS" 2>/dev/null || true; }

# What `net` set for a host: one line "cut", "netem ARGUMENTS" or nothing. It outlives a power cut, which the
# guest's own queues do not, and it is part of a saved state.
net_record() { echo "$RUN/$1/net"; }

# A cut link is a tap outside the bridge: the guest's card keeps its carrier, its packets go nowhere.
plug_link() {
  local host=$1
  if [[ $(cat "$(net_record "$host")") == cut ]]; then
    ip -n "$NETNS" link set "tap-$host" nomaster
  else
    ip -n "$NETNS" link set "tap-$host" master "$BRIDGE"
  fi
}

# net_setting WORDS...: the line to record for the words of `lab net HOST`.
net_setting() {
  local netem=
  case "$*" in
    cut) echo cut; return ;;
    clear) return ;;
  esac
  [[ $# -gt 0 && $(($# % 2)) -eq 0 ]] || usage_error "net HOST: delay MS, loss PCT, rate MBIT, cut, clear or show"
  while [[ $# -gt 0 ]]; do
    [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || usage_error "net HOST $1: not a number: '$2'"
    case $1 in
      delay) netem+=" delay ${2}ms" ;;
      loss) netem+=" loss ${2}%" ;;
      rate) netem+=" rate ${2}mbit" ;;
      *) usage_error "net HOST: no setting '$1'" ;;
    esac
    shift 2
  done
  echo "netem$netem"
}

# The queues are the guest's: many machines' own kernels have no netem, the guest's has. Through the ifb what
# comes in waits and is lost as well.
apply_netem() {
  local setting
  setting=$(cat "$(net_record "$1")")
  [[ $setting == netem* ]] || setting=
  # shellcheck disable=SC2086  # netem's arguments are words
  guest "$1" sh -s -- $setting <"$LAB_D/hosts/netem.sh"
}

show_net() {
  local setting
  setting=$(cat "$(net_record "$1")")
  echo "${setting:-clear}"
}
