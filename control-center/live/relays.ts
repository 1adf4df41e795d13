import type { RelayView } from '../../schemas/api-live.ts'
import type { LiveGrant, LiveSession } from '../../schemas/live.ts'
import type { StationFile } from '../../schemas/station.ts'
import { Refusal } from '../refusal.ts'
import type { KeptDocument } from './kept-document.ts'
import { type RelaysOnDemand, started, stillInForce, stopped } from './on-demand.ts'
import { relayKeyIds } from './relay-keys.ts'
import { weeklyWindows } from './weekly-windows.ts'

export type Relays = ReturnType<typeof createRelays>

/** The streams that are pulled in: when by their own times, and when because a person wants it. */
export function createRelays(options: {
  station(): StationFile
  kept: KeptDocument<RelaysOnDemand>
  grants(): readonly LiveGrant[]
  sessions(): readonly LiveSession[]
  nowMs(): number
  /** The orders have changed. */
  onChange(): void
}) {
  const { station, kept, nowMs } = options
  const keyIds = (): string[] => relayKeyIds(station().live.relays)
  const onDemand = (): RelaysOnDemand => stillInForce(kept.value(), keyIds(), nowMs())

  const view = (keyId: string): RelayView => {
    const relay = station().live.relays[keyIds().indexOf(keyId)]
    if (!relay) throw new Refusal('relay-unknown', `There is no relay ${keyId} in the station file.`)
    const { name, url } = relay
    const grant = options.grants().find((candidate) => candidate.keyId === keyId)
    const session = options.sessions().find((candidate) => candidate.keyId === keyId && candidate.state !== 'ended')
    const order = onDemand()[keyId]?.order ?? null
    return {
      keyId,
      name,
      url: withoutPassword(url),
      windows: grant?.windows ?? [],
      order,
      sessionId: session?.id ?? null,
    }
  }
  const set = (orders: RelaysOnDemand): void => {
    kept.set(orders)
    options.onChange()
  }
  return {
    onDemand,
    list: (): RelayView[] => keyIds().map(view),
    /** Throws a Refusal; so does `stop`. */
    start(keyId: string, untilMs: number | null): RelayView {
      view(keyId)
      if (untilMs !== null && untilMs <= nowMs())
        throw new Refusal('relay-conflict', 'The instant until which the relay is wanted has gone by.')
      set(started(onDemand(), keyId, nowMs(), untilMs))
      return view(keyId)
    },
    stop(keyId: string): RelayView {
      view(keyId)
      const { live, timeZone } = station()
      const { shows } = live.relays[keyIds().indexOf(keyId)]!
      set(stopped(onDemand(), keyId, weeklyWindows(shows, timeZone, nowMs(), nowMs() + 1), nowMs()))
      return view(keyId)
    },
  }
}

/** An address as it may be shown. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.username === '' && url.password === '') return address
  url.username = '…'
  url.password = ''
  return url.href
}
