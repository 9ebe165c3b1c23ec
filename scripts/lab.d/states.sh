# Saved VM states. Sourced by scripts/lab.
# shellcheck shell=bash

state_dir() { echo "$RUN/$1/states"; }
has_state() { [[ -e $(state_dir "$1")/$2 ]]; }

require_state_name() {
  [[ ${1-} =~ ^[A-Za-z][A-Za-z0-9_.-]{0,40}$ ]] || usage_error "not a name for a state: '${1-}'"
}

# save_host HOST: into STATE_NAME. An open connection would come back half-dead with the state, so it is closed
# first, and the guest gets a moment to notice; the caller opens one again. Less cached in the guest is less to save and load.
save_host() {
  local host=$1
  guest "$host" sh -c 'sync; echo 3 >/proc/sys/vm/drop_caches' </dev/null
  close_control "$host"
  sleep 0.5
  rm -f "$(state_dir "$host")/$STATE_NAME"
  vm_monitor "$host" "savevm $STATE_NAME" || { say "$host: cannot save $STATE_NAME"; return 1; }
  mkdir -p "$(state_dir "$host")"
  cp "$(net_record "$host")" "$(state_dir "$host")/$STATE_NAME"
}

# reset_host HOST: back to STATE_NAME, from whatever it does now; a VM that is off is started right into it.
reset_host() {
  local host=$1
  close_control "$host"
  if vm_runs "$host"; then
    vm_monitor "$host" "loadvm $STATE_NAME" || { say "$host: cannot load $STATE_NAME"; return 1; }
  else
    start_vm "$host" "$STATE_NAME" || return 1
  fi
  cp "$(state_dir "$host")/$STATE_NAME" "$(net_record "$host")"
  plug_link "$host"
  open_control "$host" || return 1
  set_guest_clock "$host"
}
