# The control link: one ssh connection for each host, kept open, over a network card of its own; every exec is a
# channel on it. It works from any namespace, as its socket is a file. Sourced by scripts/lab.
# shellcheck shell=bash

control_socket() { echo "$RUN/$1/ssh"; }

# Talks to the open connection, or fails: never makes a new one.
control() {
  local host=$1
  shift
  ssh -F none -o ControlMaster=no -o ProxyCommand=false -S "$(control_socket "$host")" "$@"
}

control_is_open() { control "$1" -O check lab >/dev/null 2>&1; }

close_control() {
  [[ -S $(control_socket "$1") ]] || return 0
  control "$1" -O exit lab >/dev/null 2>&1 || true
  rm -f "$(control_socket "$1")"
}

# open_control HOST: waits for the guest's control sshd.
# A busy machine takes minutes to boot three of them: only a guest that hangs is to be given up.
open_control() {
  local host=$1 until=$((SECONDS + 600))
  control_is_open "$host" && return
  rm -f "$(control_socket "$host")"
  while vm_runs "$host" && ((SECONDS < until)); do
    # In a session of its own, so that a Ctrl-C meant for one exec does not end the link.
    if setsid ip netns exec "$NETNS" ssh -F none -M -N -f -S "$(control_socket "$host")" \
      -i "$IMAGE/control-key" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=15 \
      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
      -o KexAlgorithms=curve25519-sha256 -o Ciphers=chacha20-poly1305@openssh.com -o GSSAPIAuthentication=no \
      -o ControlPersist=yes -p "$((2200 + $(host_number "$host")))" root@127.0.0.1 \
      </dev/null >"$RUN/$host/ssh.log" 2>&1 8>&- 9>&-; then
      return
    fi
    sleep 0.2
  done
  vm_runs "$host" || { say "$host: the VM is not running (its console: $RUN/$host/console.log)"; return 1; }
  say "$host: no control link: $(tail -n1 "$RUN/$host/ssh.log")"
  return 1
}

# The words as one line for a POSIX shell, whatever is in them.
quote_words() {
  local word line=
  for word in "$@"; do line+=" '${word//\'/\'\\\'\'}'"; done
  echo "${line# }"
}

# guest HOST ARGV...: runs it as root in the guest; stdin, stdout, stderr and the exit code are the command's own.
guest() {
  local host=$1 line
  shift
  line=$(quote_words "$@")
  control "$host" -T lab "exec $line"
}

# A guest that comes out of a saved state believes that no time has passed.
set_guest_clock() { guest "$1" date -u -s "@$(date +%s.%N)" >/dev/null </dev/null; }
