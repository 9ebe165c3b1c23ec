# shellcheck shell=sh
# What login-hook and logout-hook have in common; they set PATH. No logic: that is in
# `roamhome login` and `roamhome logout`.

# The installer writes the node that it was installed with here; without it, or when that is gone, the usual places.
node=

# Exit code of `roamhome login` that asks to refuse the login: the policy onLoginFailure is `refuse`, and the home could
# not be prepared; or loggedInElsewhere is `deny`, and the user is. Every other failure lets the user in.
refuse_login=100

say() {
  # On standard error too, for whoever tries the hook by hand, and where there is no system log.
  printf 'roamhome: %s\n' "$1" >&2
  logger -t roamhome -p user.err -- "$1" 2>/dev/null
}

# Sets node to the first that is there; fails when there is none.
find_node() {
  for candidate in "$node" /usr/local/bin/node /opt/homebrew/bin/node /usr/bin/node; do
    if [ -x "$candidate" ] && [ ! -d "$candidate" ]; then
      node=$candidate
      return 0
    fi
  done
  return 1
}

# run_session_hook login|logout DIRECTORY USER: 0, or 1 when the login is to be refused. DIRECTORY is that of this file.
run_session_hook() {
  action=$1 here=$2 user=$3
  umask 077
  # Whatever the directory was: standing in a home would keep it from being unmounted.
  cd / || return 0
  if [ -z "$user" ]; then
    say "$action: called without a user name; nothing is done"
    return 0
  fi
  if ! find_node; then
    say "$action of $user: node is not installed any more; the home is not synced"
    return 0
  fi
  if [ -x "$here/../bin/roamhome" ]; then
    # Its first line asks env for node.
    output=$(PATH="${node%/*}:$PATH" "$here/../bin/roamhome" "$action" -- "$user" 2>&1 </dev/null)
  elif [ -r "$here/../dist/main.js" ]; then
    # As that first line does.
    output=$("$node" --single-threaded --min-semi-space-size=16 "$here/../dist/main.js" "$action" -- "$user" 2>&1 </dev/null)
  else
    say "$action of $user: roamhome is not installed next to $here any more; the home is not synced"
    return 0
  fi
  status=$?
  [ "$status" -eq 0 ] && return 0
  say "$action of $user: roamhome ended with exit code $status: $output"
  if [ "$action" = login ] && [ "$status" -eq "$refuse_login" ]; then
    return 1
  fi
  return 0
}
