#!/bin/sh
# In a lab guest: runs Roamhome so that it can be interrupted at a given byte of its traffic with the server.
#   watch-agent.sh run rx|tx ARGUMENTS...     roamhome ARGUMENTS; its last stderr line: `moved BYTES`
#   watch-agent.sh until rx|tx BYTES [kill]   until the run has moved that much; prints what it has moved then
#   watch-agent.sh slow MBIT                  from now on
set -eu
what=$1
shift

case $what in
  run)
    counter=/sys/class/net/lan/statistics/$1_bytes
    shift
    rm -f /run/agent.pid
    base=$(cat "$counter")
    echo "$base" >/run/agent.base
    roamhome "$@" &
    echo $! >/run/agent.pid.new
    mv /run/agent.pid.new /run/agent.pid
    code=0
    wait "$(cat /run/agent.pid)" || code=$?
    echo "moved $(($(cat "$counter") - base))" >&2
    exit "$code"
    ;;
  until)
    # perl: one process that sleeps. A sleep each would cost the emulated CPU as much as the transfer itself.
    exec perl -e '
      use strict; use warnings;
      my ($counter, $bytes, $kill) = @ARGV;
      sub content { open my $file, "<", $_[0] or die "$_[0]: $!"; my $text = <$file>; return $text + 0 }
      select undef, undef, undef, 0.02 until -e "/run/agent.pid";
      my $pid = content("/run/agent.pid");
      my $base = content("/run/agent.base");
      my $moved;
      while (($moved = content($counter) - $base) < $bytes) {
        die "the run ended after $moved bytes\n" unless -e "/proc/$pid";
        select undef, undef, undef, 0.03;
      }
      kill "KILL", $pid or die "kill: $!" if $kill;
      print content($counter) - $base, "\n";
    ' "/sys/class/net/lan/statistics/$1_bytes" "$2" "${3-}"
    ;;
  slow)
    for device in lan lab-in; do tc qdisc change dev "$device" root netem limit 20000 rate "$1mbit"; done
    ;;
esac
