const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 → `1.5 KiB`. For people; programs get the number of bytes. Pure. */
export function binarySize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 KiB would be shown as 1024.0 KiB.
  while (unit < units.length - 1 && (unit === 0 ? value >= 1024 : value >= 1023.95)) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
