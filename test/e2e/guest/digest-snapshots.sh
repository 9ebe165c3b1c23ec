#!/bin/sh
# Prints a line for each snapshot of the file systems below the datasets named: the SHA-256 of what describe-tree.mjs prints of
# it, and its name. Runs as root in a lab guest.
#   digest-snapshots.sh DATASET...
set -eu
mkdir -p /run/look
for dataset in $(zfs list -H -o name -t filesystem -r "$@"); do
  zfs list -H -o name -t snapshot "$dataset" | while IFS= read -r snapshot; do
    # One that waits for its key, or is still arriving, cannot be looked at.
    mount -t zfs -o ro "$snapshot" /run/look </dev/null || continue
    printf '%s %s\n' "$(node /opt/roamhome-test/describe-tree.mjs /run/look </dev/null | sha256sum | cut -c 1-64)" "$snapshot"
    umount /run/look
  done
done
