# shellcheck shell=sh
# What login-hook and logout-hook have in common; they set PATH. No logic: that is in
# `roamhome login` and `roamhome logout`.
#
# `roamhome install` copies the hooks to a directory of root's, and writes beside them, a line each:
#   node, program              the node that it was installed with, and main.js
#   login-before, logout-before   the hook that was there before, which is called too
#   login-replaced, logout-replaced   one that does what Roamhome does, which nothing calls
# They are read, never run by the shell. Without them, as in a directory that was unpacked by hand, the usual places.

# Exit code of `roamhome login` that asks to refuse the login: the policy onLoginFailure is `refuse`, and the home could
# not be prepared; or loggedInElsewhere is `deny`, and the user is. Every other failure lets the user in.
refuse_login=100

say() {
  # On standard error too, for whoever tries the hook by hand, and where there is no system log.
  printf 'roamhome: %s\n' "$1" >&2
  logger -t roamhome -p user.err -- "$1" 2>/dev/null
}

# line_of FILE: its first line in $line; fails when there is none.
line_of() {
  line=
  [ -r "$1" ] || return 1
  IFS= read -r line <"$1"
  [ -n "$line" ]
}

# What roamhome is told of who calls: nothing else of the environment, in which whoever filled it could have node or its
# libraries load a program of theirs as root (NODE_OPTIONS, OPENSSL_CONF, LD_PRELOAD ...).
kept_variables='HOME LANG TERM TZ SUDO_USER XDG_SESSION_ID PAM_TYPE PAM_USER PAM_SERVICE PAM_TTY PAM_RHOST'

# become WORD...: the program in place of this shell, with those variables and PATH alone.
become() {
  for kept in $kept_variables; do
    eval "[ -n \"\${$kept+x}\" ]" || continue
    eval "set -- \"$kept=\${$kept}\" \"\$@\""
  done
  exec /usr/bin/env -i "PATH=$PATH" "$@"
}

is_program() {
  [ -x "$1" ] && [ ! -d "$1" ]
}

# A hook of zfs_mobile_sync's, by its name or by what is in it. src/install/older-hooks.ts looks for the same.
is_older_script() {
  case ${1##*/} in zfs_receive_from_server.sh | zfs_send_to_server.sh) return 0 ;; esac
  grep -q -E 'zfs_receive_from_server\.sh|zfs_send_to_server\.sh|zfs (receive|recv)|zfstimemachinebackup' "$1" 2>/dev/null
}

# run_hook login|logout DIRECTORY PATH [ARGUMENT...]: what loginwindow called, with its arguments; PATH is what it gave. PAM's
# pam_exec gives no argument, and the user in PAM_USER.
# 0, or 1 when the login is to be refused.
run_hook() {
  action=$1 here=$2 caller_path=$3
  shift 3
  [ "$#" -gt 0 ] || [ -z "${PAM_USER-}" ] || set -- "$PAM_USER"
  # A hook that was set over ours may call ours, as ours calls it.
  if [ -n "${ROAMHOME_HOOK-}" ]; then
    say "$action of ${1-}: called by the hook that was called from here; nothing is done again"
    return 0
  fi
  # The other hook finds the home in its place: before it is unmounted, after it is mounted.
  [ "$action" = logout ] && run_hook_before "$@"
  # A shell of its own: the other hook gets umask and directory as they were.
  (run_session_hook "${1-}")
  hook_status=$?
  [ "$action" = login ] && run_hook_before "$@"
  return "$hook_status"
}

# The hook that was there before, with the same arguments; however it ends, ours goes on.
run_hook_before() {
  line_of "$here/$action-before" || return 0
  before=$line
  if ! is_program "$before"; then
    say "$action of ${1-}: $before, the hook that was there before, cannot be run"
    return 0
  fi
  if is_older_script "$before"; then
    say "$action of ${1-}: $before is not called: it does what Roamhome does, and destroys what other Macs have sent; roamhome install takes it out"
    return 0
  fi
  PATH=$caller_path ROAMHOME_HOOK=$action "$before" "$@"
  before_status=$?
  [ "$before_status" -eq 0 ] ||
    say "$action of ${1-}: $before, the hook that was there before, ended with exit code $before_status"
}

# Sets node to the installed one, or when that is gone to the first that is there; fails when there is none.
find_node() {
  line_of "$here/node" && installed=$line || installed=
  for node in "$installed" /usr/local/bin/node /opt/homebrew/bin/node /usr/bin/node; do
    is_program "$node" || continue
    [ "$node" = "$installed" ] || [ -z "$installed" ] ||
      say "$action of $user: $installed, the node that Roamhome was installed with, is gone; $node is taken: run roamhome install again"
    return 0
  done
  return 1
}

# run_session_hook USER: 0, or 1 when the login is to be refused.
run_session_hook() {
  user=$1
  umask 077
  # Whatever the directory was: standing in a home would keep it from being unmounted.
  cd / || return 0
  if [ -z "$user" ]; then
    say "$action: called without a user name; nothing is done"
    return 0
  fi
  if ! find_node; then
    say "$action of $user: node${installed:+, which was $installed,} is not installed any more; the home is not synced"
    return 0
  fi
  line_of "$here/program" && program=$line || program=$here/../dist/main.js
  if [ ! -s "$here/program" ] && [ -x "$here/../bin/roamhome" ]; then
    # Its first line asks env for node.
    output=$(PATH="${node%/*}:$PATH" && become "$here/../bin/roamhome" "$action" -- "$user" 2>&1 </dev/null)
    status=$?
  elif [ -r "$program" ]; then
    # As that first line does.
    output=$(become "$node" --single-threaded --min-semi-space-size=16 "$program" "$action" -- "$user" 2>&1 </dev/null)
    status=$?
    if [ "$status" -eq 9 ]; then
      # A node that does not know such an option.
      output=$(become "$node" "$program" "$action" -- "$user" 2>&1 </dev/null)
      status=$?
    fi
  else
    say "$action of $user: roamhome is not installed as $program any more; the home is not synced"
    return 0
  fi
  [ "$status" -eq 0 ] && return 0
  say "$action of $user: roamhome ended with exit code $status: $output"
  if [ "$action" = login ] && [ "$status" -eq "$refuse_login" ]; then
    return 1
  fi
  return 0
}
