const FIRST_MS = 100
const LONGEST_MS = 2_000
/** After being refused: the old connection must first be known to be dead, or a person must do something. */
const REFUSED_MS = 700

/** How long to wait before connection attempt `failures` (1: the first one after a connection was lost). */
export const backOffMs = (failures: number, wasRefused: boolean): number =>
  Math.max(wasRefused ? REFUSED_MS : 0, Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)))

/** Which address to try: the same one twice, for our session lives there; then the next. */
export const addressFor = (failures: number, addresses: readonly string[]): string =>
  addresses[Math.floor(failures / 2) % addresses.length]!
