import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { RELAY_LIMITS } from '../limits.ts'
import { RelayPull } from './relay-pull.ts'

export type RelaysOptions = {
  feeds: Feeds
  grants(): readonly LiveGrant[]
  processes: Processes
  clock: Clock
  random(): number
  log: Logger
}

export type Relays = { pulling(): string[]; close(): void }

/** Pulls each relay's stream within its windows, and a little before. */
export function startRelays(options: RelaysOptions): Relays {
  const pulls = new Map<string, RelayPull>()

  function look(): void {
    const wanted = relaysAt(options.grants(), options.clock.wallMs())
    for (const [keyId, pull] of pulls) {
      const url = wanted.get(keyId)
      if (url !== undefined && pull.pulls(url)) continue
      pull.stop(url === undefined ? "The relay's time is over." : "The relay's address has changed.")
      pulls.delete(keyId)
    }
    for (const [keyId, url] of wanted)
      if (!pulls.has(keyId) && pulls.size < RELAY_LIMITS.relaysMax)
        pulls.set(keyId, new RelayPull({ ...options, keyId, url }))
  }

  const stop = options.clock.every(RELAY_LIMITS.lookEveryMs, look)
  look()
  return {
    pulling: () => [...pulls.keys()],
    close() {
      stop()
      for (const pull of pulls.values()) pull.stop('The station restarts its way in.')
      pulls.clear()
    },
  }
}

/** Which streams are to be pulled now, by key. A relay without windows is not pulled: one that is wanted at once is given a window. */
export function relaysAt(grants: readonly LiveGrant[], wallMs: number): Map<string, string> {
  const isNear = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }): boolean =>
    wallMs >= fromMs - RELAY_LIMITS.earlyMs && wallMs < untilMs
  return new Map(
    grants.flatMap(({ kind, keyId, relayUrl, windows }) =>
      kind === 'relay' && relayUrl !== null && windows?.some(isNear) ? [[keyId, relayUrl] as const] : [],
    ),
  )
}
