# One VM: its disks, its qemu process, its monitor. Sourced by scripts/lab.
# A host's files are in $RUN/HOST: root.qcow2 (overlay), data.qcow2 (pool), pid, qmp, console.log, ssh.
# shellcheck shell=bash

# The pid of the host's qemu, if it really is that: pids are used again, and a machine may have rebooted since.
vm_pid() {
  local pid
  pid=$(cat "$RUN/$1/pid" 2>/dev/null) || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF "$RUN/$1/pid" || return 1
  echo "$pid"
}

vm_runs() { vm_pid "$1" >/dev/null; }

vm_monitor() { "$LAB_D/qmp.pl" "$RUN/$1/qmp" "$2"; }

create_disks() {
  local dir=$RUN/$1
  mkdir -p "$dir"
  [[ -f $dir/data.qcow2 ]] && return
  qemu-img create -q -f qcow2 -F raw -b "$IMAGE/base.raw" "$dir/root.qcow2"
  qemu-img create -q -f qcow2 "$dir/data.new" 8G
  mv "$dir/data.new" "$dir/data.qcow2"
}

# start_vm HOST [STATE]: cold boot, or straight into a saved state.
start_vm() {
  local host=$1 state=${2-} dir=$RUN/$1 number accel args=()
  number=$(host_number "$host")
  accel=$(cat "$RUN/accel")
  [[ -z $state ]] || args+=(-loadvm "$state")
  rm -f "$dir/pid" "$dir/qmp"
  # writeback honours the guest's flushes: killing qemu loses just what the guest had not flushed.
  # shellcheck disable=SC2046  # accel_options are words
  ip netns exec "$NETNS" qemu-system-x86_64 \
    -name "roamhome-$host" -machine q35 $(accel_options "$accel") -smp 1 -m 1536 \
    -nodefaults -no-user-config -display none -serial "file:$dir/console.log" \
    -kernel "$IMAGE/vmlinuz" -initrd "$IMAGE/initrd" -append "$(kernel_words "$host")" \
    -drive "file=$dir/root.qcow2,if=none,id=root,format=qcow2,cache=writeback,discard=unmap" \
    -device virtio-blk-pci,drive=root \
    -drive "file=$dir/data.qcow2,if=none,id=data,format=qcow2,cache=writeback,discard=unmap" \
    -device virtio-blk-pci,drive=data \
    -netdev "user,id=control,restrict=on,hostfwd=tcp:127.0.0.1:$((2200 + number))-10.0.2.15:$CONTROL_GUEST_PORT" \
    -device "virtio-net-pci,netdev=control,mac=52:54:00:98:00:$number,romfile=" \
    -netdev "tap,id=private,ifname=tap-$host,script=no,downscript=no" \
    -device "virtio-net-pci,netdev=private,mac=52:54:00:98:07:$number,romfile=" \
    -device virtio-rng-pci \
    -qmp "unix:$dir/qmp,server=on,wait=off" -pidfile "$dir/pid" -daemonize \
    "${args[@]}" >"$dir/qemu.log" 2>&1 8>&- 9>&- ||
    { say "$host: qemu does not start: $(tail -n1 "$dir/qemu.log")"; return 1; }
}

# norandmaps: a program's code is at the same addresses each time it is started, so that the emulator need not translate it
# anew: a login takes a quarter less.
kernel_words() {
  echo "root=/dev/vda rw console=ttyS0 quiet loglevel=4 net.ifnames=0 mitigations=off norandmaps audit=0 nowatchdog" \
    "systemd.hostname=$1 lab.address=$(host_address "$1")"
}

# No goodbye to the guest: this is the power cut.
kill_vm() {
  local pid
  close_control "$1"
  pid=$(vm_pid "$1") || return 0
  kill -KILL "$pid"
  while vm_runs "$1"; do sleep 0.02; done
  rm -f "$RUN/$1/pid"
}
