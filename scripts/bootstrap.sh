# shellcheck shell=bash
# Sourced by scripts/test, scripts/demo and scripts/bench: installs what they need, and nothing twice.

say() { printf 'roamhome: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 69
}

# need_programs PROGRAM=PACKAGE...: installs the Debian packages of programs that are not there.
need_programs() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" -eq 0 ] || fail "these Debian packages are missing, and only root can install them: ${missing[*]}"
  command -v apt-get >/dev/null || fail "install these first (no apt-get here): ${missing[*]}"
  say "installing ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || fail 'apt-get update failed'
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install ${missing[*]}"
}

need_node() {
  command -v node >/dev/null || fail 'Node 20.19 or newer is missing'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node 20.19 or newer is needed, this is $(node --version)"
}

# The packages of package-lock.json, when they are not the installed ones.
need_packages() {
  local want stamp=node_modules/.roamhome-installed headers
  want=$(node --version)-$(sha256sum package-lock.json | cut -c1-64)
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return 0
  # ssh2's native part is compiled here; Node's own headers spare node-gyp a download.
  need_programs make=make g++=g++ python3=python3
  headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  if [ -r "$headers/include/node/node.h" ]; then export npm_config_nodedir=$headers; fi
  say 'installing the npm packages'
  npm ci --no-audit --no-fund >&2 || fail 'npm ci failed'
  printf '%s\n' "$want" >"$stamp"
}

need_node
need_packages
