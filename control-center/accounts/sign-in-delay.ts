const ENTRIES_MAX = 4_000
const FORGET_MS = 15 * 60_000

/** So many attempts cost nothing; from then on the wait doubles from a second to the most. */
type Rule = { free: number; waitMsMax: number }
const BY_NAME: Rule = { free: 5, waitMsMax: 60_000 }
const BY_ADDRESS: Rule = { free: 20, waitMsMax: 300_000 }

type Entry = { attempts: number; lastMs: number }

/**
 * Makes guessing slow: by name, known or not, and by address. Attempts count when they begin, so that many at once gain nothing. Who has
 * signed in from an address before is not locked out there by others who try the same name elsewhere. Memory is bounded.
 */
export function createSignInDelay() {
  const names = new Map<string, Entry>()
  const addresses = new Map<string, Entry>()
  const proven = new Map<string, Entry>()

  const attemptsOf = (entry: Entry | undefined, nowMs: number): number =>
    entry && nowMs - entry.lastMs < FORGET_MS ? entry.attempts : 0
  const waitOf = (entry: Entry | undefined, rule: Rule, nowMs: number): number => {
    const over = attemptsOf(entry, nowMs) - rule.free
    return entry && over >= 0 ? entry.lastMs + Math.min(rule.waitMsMax, 1_000 * 2 ** Math.min(over, 20)) - nowMs : 0
  }
  const count = (entries: Map<string, Entry>, key: string, nowMs: number): void => {
    const attempts = attemptsOf(entries.get(key), nowMs) + 1
    entries.delete(key)
    if (entries.size >= ENTRIES_MAX) entries.delete(entries.keys().next().value!)
    entries.set(key, { attempts, lastMs: nowMs })
  }
  const pair = (name: string, address: string): string => `${networkOf(address)} ${name}`

  return {
    /**
     * Counts an attempt and answers 0, or answers how many seconds to wait, uncounted.
     *
     * @param name as it is compared; null for links, which are not guessed by name
     */
    begin(name: string | null, address: string, nowMs: number): number {
      const network = networkOf(address)
      const isKnown = name !== null && proven.has(pair(name, address))
      const waitMs = Math.max(
        waitOf(addresses.get(network), BY_ADDRESS, nowMs),
        name === null || isKnown ? 0 : waitOf(names.get(name), BY_NAME, nowMs),
      )
      if (waitMs > 0) return Math.ceil(waitMs / 1000)
      count(addresses, network, nowMs)
      if (name !== null && !isKnown) count(names, name, nowMs)
      return 0
    },
    /** The attempt was right: what was counted against it is forgotten. */
    succeeded(name: string | null, address: string, nowMs: number): void {
      addresses.delete(networkOf(address))
      if (name === null) return
      names.delete(name)
      count(proven, pair(name, address), nowMs)
    },
    size: () => names.size + addresses.size + proven.size,
  }
}

/** Of IPv6, the 64 bits that one connection to the network usually owns. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const missing = plain.includes('::') ? 8 - before.length - after.length : 0
  return [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after].slice(0, 4).join(':')
}
