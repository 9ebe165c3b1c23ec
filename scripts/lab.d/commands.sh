# The commands of scripts/lab. Sourced by it.
# shellcheck shell=bash
# shellcheck disable=SC2153  # HOSTS is common.sh's

# A lab that is up keeps the image it was started from, whatever the checkout holds now.
require_up() {
  require_root
  [[ -f $RUN/ready ]] || die 3 "the lab is not up (scripts/lab up)"
  IMAGE=$(cat "$RUN/image")
}

command_build() {
  require_machine
  take_lock
  use_image
  take_cache_lock
  image_is_built && { say "the base image is built: $IMAGE"; return; }
  end_build_with_us
  build_image
}

end_build_with_us() {
  trap 'trap "" INT TERM HUP; discard_build' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

command_up() {
  [[ $# -eq 0 ]] || usage_error "up takes no arguments"
  require_root
  if all_up; then
    say "already up"
    return
  fi
  require_machine
  take_lock
  if [[ -f $RUN/ready ]]; then
    bring_back
  else
    first_up
  fi
}

all_up() {
  [[ -f $RUN/ready ]] || return 1
  local host
  for host in "${HOSTS[@]}"; do vm_runs "$host" && control_is_open "$host" || return 1; done
}

bring_back() {
  IMAGE=$(cat "$RUN/image")
  create_network
  in_parallel boot_host "${HOSTS[@]}"
  say "up"
}

first_up() {
  local started=$SECONDS
  # Without `ready` nothing in the run directory is to be trusted.
  tear_down
  use_image
  take_cache_lock
  end_build_with_us
  image_is_built || build_image
  touch "$IMAGE"
  require_space "$(dirname "$RUN")" 6 "running the lab"
  trap abandon_up EXIT
  (umask 077 && mkdir -p "$RUN")
  echo "$IMAGE" >"$RUN/image"
  create_network
  choose_accel >"$RUN/accel"
  STATE_NAME=$CLEAN_STATE
  use_clean_hosts
  clean_hosts_are_made || make_clean_hosts
  if ! start_clean_hosts; then
    say "the hosts kept in the cache do not start: making them anew"
    rm -rf "$CLEAN_HOSTS"
    make_clean_hosts
    start_clean_hosts || fail_up "the hosts do not start"
  fi
  drop_cache_lock
  : >"$RUN/ready"
  trap - EXIT
  say "up in $((SECONDS - started)) s"
}

boot_host() {
  if ! vm_runs "$1"; then
    start_vm "$1"
    say "$1 is starting"
  fi
  plug_link "$1"
  open_control "$1" && apply_netem "$1"
}

command_down() {
  require_root
  take_lock
  if [[ ! -d $RUN ]] && ! ip netns pids "$NETNS" >/dev/null 2>&1; then
    say "already down"
    return
  fi
  tear_down
  say "down"
}

# A second Ctrl-C must not break off the cleaning up after the first.
abandon_up() {
  trap '' INT TERM HUP
  discard_build
  tear_down
}

# What the lab started is what runs in its namespace and names its run directory.
tear_down() {
  local host pid jobs round
  jobs=$(jobs -p)
  # shellcheck disable=SC2086  # pids
  [[ -z $jobs ]] || kill $jobs 2>/dev/null || true
  for host in "${HOSTS[@]}"; do kill_vm "$host"; done
  # A VM that was just being started has no pid file yet.
  for round in 1 2 3; do
    for pid in $(ip netns pids "$NETNS" 2>/dev/null); do
      if grep -qF "$RUN/" "/proc/$pid/cmdline" 2>/dev/null; then kill -KILL "$pid" 2>/dev/null || true; fi
    done
    [[ -z $jobs || $round -eq 3 ]] || sleep 0.2
  done
  destroy_network
  rm -rf "$RUN"
}

command_status() {
  local json=0
  case ${1-} in
    '') ;;
    --json) json=1 ;;
    *) usage_error "status takes only --json" ;;
  esac
  require_root
  local host running states all=0 accel='' zfs='' lines=()
  if [[ -f $RUN/ready ]]; then
    accel=$(cat "$RUN/accel")
    zfs=$(cat "$(cat "$RUN/image")/zfs-version")
  fi
  for host in "${HOSTS[@]}"; do
    running=off
    if vm_runs "$host"; then running=running; else all=3; fi
    states=$(find "$(state_dir "$host")" -type f -printf '%f\n' 2>/dev/null | sort | xargs)
    if ((json)); then
      lines+=("$(printf '{"host":"%s","state":"%s","address":"%s","accel":"%s","zfs":"%s","net":"%s","saved":[%s]}' "$host" \
        "$running" "$(host_address "$host")" "$accel" "$zfs" "$(cat "$(net_record "$host")" 2>/dev/null)" \
        "$(sed -E 's/[^ ]+/"&"/g; s/ /,/g' <<<"$states")")")
    else
      lines+=("$(printf '%-7s %-8s %-11s %s  zfs %s  saved: %s' "$host" "$running" "$(host_address "$host")" "${accel:--}" \
        "${zfs:--}" "${states:--}")")
    fi
  done
  if ((json)); then
    (IFS=,; printf '[%s]\n' "${lines[*]}")
  else
    printf '%s\n' "${lines[@]}"
  fi
  return "$all"
}

command_exec() {
  require_host "${1-}"
  local host=$1 code=0
  shift
  [[ ${1-} != -- ]] || shift
  [[ $# -gt 0 ]] || usage_error "exec HOST needs a command"
  link_to "$host"
  guest "$host" "$@" || code=$?
  if [[ $code -eq 255 ]] && ! control_is_open "$host"; then say "$host: the control link broke"; fi
  return "$code"
}

# Opens the link again if it is gone; the lock keeps two from doing so at once.
link_to() {
  [[ -f $RUN/ready ]] || die 255 "the lab is not up (scripts/lab up)"
  control_is_open "$1" && return
  require_up
  vm_runs "$1" || die 255 "$1 is off"
  take_lock
  open_control "$1" || exit 255
  exec 9>&-
}

command_shell() {
  require_host "${1-}"
  link_to "$1"
  control "$1" -t lab 'exec bash -l'
}

command_save() {
  require_state_name "${1-}"
  require_up
  take_lock
  STATE_NAME=$1
  local host running=()
  for host in "${HOSTS[@]}"; do
    if vm_runs "$host"; then running+=("$host"); fi
  done
  [[ ${#running[@]} -gt 0 ]] || die 3 "no host is running"
  in_parallel link_and_save "${running[@]}" || die 1 "could not save $STATE_NAME"
}

link_and_save() { open_control "$1" && save_host "$1" && open_control "$1"; }

command_reset() {
  local host hosts=()
  STATE_NAME=$CLEAN_STATE
  while [[ $# -gt 0 ]]; do
    case $1 in
      --host) require_host "${2-}"; hosts+=("$2"); shift ;;
      -*) usage_error "reset does not know $1" ;;
      *) require_state_name "$1"; STATE_NAME=$1 ;;
    esac
    shift
  done
  require_up
  take_lock
  [[ ${#hosts[@]} -gt 0 ]] || hosts=("${HOSTS[@]}")
  for host in "${hosts[@]}"; do
    has_state "$host" "$STATE_NAME" || die 1 "$host has no saved state $STATE_NAME"
  done
  create_network
  in_parallel reset_host "${hosts[@]}" || die 1 "could not reset to $STATE_NAME"
}

command_power_cut() {
  require_host "${1-}"
  require_up
  take_lock
  kill_vm "$1"
}

command_boot() {
  require_host "${1-}"
  local host=$1
  require_up
  take_lock
  if vm_runs "$host"; then say "$host is running"; fi
  create_network
  if [[ ${2-} == --no-wait ]]; then
    vm_runs "$host" || start_vm "$host"
    plug_link "$host"
  else
    boot_host "$host"
  fi
}

command_addr() {
  require_host "${1-}"
  host_address "$1"
}

command_net() {
  require_host "${1-}"
  local host=$1 record
  shift
  require_up
  if [[ ${1-} == show ]]; then
    show_net "$host"
    return
  fi
  record=$(net_setting "$@")
  take_lock
  vm_runs "$host" || die 3 "$host is off"
  printf '%s' "$record" >"$(net_record "$host")"
  plug_link "$host"
  open_control "$host" && apply_netem "$host"
}
