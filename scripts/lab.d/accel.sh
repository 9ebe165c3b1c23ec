# Hardware virtualisation where it really works, else emulation. Sourced by scripts/lab.
# shellcheck shell=bash

accel_options() {
  case $1 in
    # Some machines cannot emulate the MSR behind arch-capabilities, and qemu then aborts.
    kvm) echo "-accel kvm -cpu max,arch-capabilities=off" ;;
    # With the default size, or 256 MiB, a few starts of node fill the translated code, and all is translated anew.
    # Without the newer vector instructions: emulated, they are three times as slow as the plain code that OpenSSL
    # and ZFS have beside them (ChaCha20 in 32 KiB pieces: 77 MB/s with AVX2, 60 with SSSE3, 200 with neither).
    tcg) echo "-accel tcg,thread=multi,tb-size=1024 -cpu qemu64,+rdrand" ;;
  esac
}

choose_accel() {
  case ${ROAMHOME_LAB_ACCEL-} in
    kvm | tcg) echo "$ROAMHOME_LAB_ACCEL" ;;
    '') remembered_accel ;;
    *) usage_error "ROAMHOME_LAB_ACCEL is kvm or tcg" ;;
  esac
}

# Probed once in a machine's boot: a probe that fails takes its whole time.
remembered_accel() {
  local memory=$CACHE/accel
  if [[ $(cut -d' ' -f1 "$memory" 2>/dev/null) != "$(boot_id)" ]]; then
    local accel=tcg
    if kvm_works; then accel=kvm; fi
    echo "$(boot_id) $accel" >"$memory"
  fi
  cut -d' ' -f2 "$memory"
}

# That /dev/kvm opens says little: there are machines where it runs a stock kernel's instructions one by one, or
# stops at one that it does not know. So the image's own kernel must come up to its first process within the
# time; that process ends at once, which makes the kernel restart and qemu exit.
kvm_works() {
  [[ -w /dev/kvm ]] || return 1
  local log=$RUN/kvm-probe.log
  # shellcheck disable=SC2046  # accel_options are words
  timeout --kill-after=2 8 qemu-system-x86_64 -machine q35 $(accel_options kvm) -smp 1 -m 512 -nodefaults -no-user-config \
    -display none -monitor none -serial "file:$log" -no-reboot -kernel "$IMAGE/vmlinuz" -initrd "$IMAGE/initrd" \
    -append "console=ttyS0 panic=-1 rdinit=/bin/true" </dev/null >/dev/null 2>&1 8>&- 9>&- || return 1
  grep -q 'Attempted to kill init' "$log"
}
