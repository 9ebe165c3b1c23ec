# Hardware virtualisation where it really works, else emulation. Sourced by scripts/lab.
# shellcheck shell=bash

accel_options() {
  case $1 in
    kvm) echo "-accel kvm -cpu max,arch-capabilities=off" ;;
    tcg) echo "-accel tcg,thread=multi,tb-size=256 -cpu max" ;;
  esac
}

choose_accel() {
  case ${ROAMHOME_LAB_ACCEL-} in
    kvm | tcg) echo "$ROAMHOME_LAB_ACCEL" ;;
    '') echo tcg ;;
    *) usage_error "ROAMHOME_LAB_ACCEL is kvm or tcg" ;;
  esac
}
