# The base image: one read-only disk with Debian bookworm, OpenZFS and node, kept in the cache under a key of
# all that goes into it. Sourced by scripts/lab.
# shellcheck shell=bash

# shellcheck disable=SC2034  # IMAGE is read by vm.sh and others
use_image() { IMAGE=$CACHE/$(image_key); }

# Everything that decides what is in the image; the packages themselves are whatever Debian serves on that day.
image_key() {
  {
    cd "$LAB_D" || exit
    find image-build.sh image-customize.sh guest -type f -print0 | sort -z | xargs -0 sha256sum
    node --version
    uname -m
  } | sha256sum | cut -c1-16
}

image_is_built() { [[ -f $IMAGE/base.raw && -f $IMAGE/vmlinuz && -f $IMAGE/zfs-version ]]; }

build_image() {
  local started=$SECONDS
  mkdir -p "$CACHE"
  # We hold the lock, so what a killed build left behind belongs to nobody.
  rm -rf "$CACHE"/building.*
  require_space "$CACHE" 6 "building the base image"
  BUILDING=$(mktemp -d "$CACHE/building.XXXXXX")
  say "building the base image (a few minutes, once; log: $CACHE/build.log)"

  ssh-keygen -q -t ed25519 -N '' -C roamhome-lab-control -f "$BUILDING/control-key"
  image_sources >"$BUILDING/sources.list"
  # A mount and a process namespace of its own: whatever ends this command, the kernel ends every process of the
  # build and drops its mounts.
  unshare --mount --pid --fork --kill-child --mount-proc -- \
    "$LAB_D/image-build.sh" "$BUILDING" "$(node -p process.execPath)" >"$CACHE/build.log" 2>&1 8>&- 9>&- &
  BUILD_PID=$!
  if ! wait "$BUILD_PID"; then
    BUILD_PID=
    die 1 "the image build failed: $(grep -m1 '^E:' "$CACHE/build.log" || tail -n1 "$CACHE/build.log") (log: $CACHE/build.log)"
  fi
  BUILD_PID=
  sync -f "$BUILDING"
  rm -rf "$IMAGE"
  mv -T "$BUILDING" "$IMAGE"
  BUILDING=
  drop_unused_images
  say "base image built in $((SECONDS - started)) s: OpenZFS $(cat "$IMAGE/zfs-version"), $(du -sh "$IMAGE" | cut -f1)"
}

# `up` touches the image it starts from.
drop_unused_images() { find "$CACHE" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +; }

# For the exit trap: an unfinished build leaves no process and no directory.
discard_build() {
  if [[ -n ${BUILD_PID-} ]]; then
    kill -KILL "$BUILD_PID" 2>/dev/null || true
    wait "$BUILD_PID" 2>/dev/null || true
  fi
  # Those that were just killed may still have made a file while it was being removed.
  [[ -z ${BUILDING-} ]] || rm -rf "$BUILDING" 2>/dev/null || { sleep 1; rm -rf "$BUILDING"; }
}

# The machine's own mirror, asked for the components and the suite that OpenZFS needs on top.
image_sources() {
  local uri
  uri=$(apt_uris | head -n1)
  [[ -n $uri ]] || unavailable "no apt source for Debian bookworm main on this machine to build the image from"
  echo "deb $uri bookworm main contrib"
  echo "deb $uri bookworm-backports main contrib"
}

# Archives from which apt takes bookworm/main; apt itself reads both kinds of source file.
apt_uris() {
  # shellcheck disable=SC2016  # apt's own variables, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT) $(CREATED_BY)' |
    awk '($2 == "bookworm" || $3 == "bookworm") && / main Packages$/ { print $1 }'
}
