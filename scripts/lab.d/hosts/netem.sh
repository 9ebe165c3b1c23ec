# shellcheck shell=sh
# netem.sh [netem ARGUMENTS...]: sets lan's queues, in both directions; without arguments, as they were. In the guest.
set -eu
tc qdisc del dev lan root 2>/dev/null || true
tc qdisc del dev lan ingress 2>/dev/null || true
ip link del lab-in 2>/dev/null || true
[ $# -gt 0 ] || exit 0
shift
# A queue long enough that delay at full speed does not become loss.
tc qdisc add dev lan root netem limit 20000 "$@"
ip link add lab-in type ifb
ip link set lab-in up
tc qdisc add dev lab-in root netem limit 20000 "$@"
tc qdisc add dev lan ingress
tc filter add dev lan parent ffff: protocol all matchall action mirred egress redirect dev lab-in
