import type { LiveGrant, LiveSettings, LiveWindow } from '../../schemas/live.ts'
import type { StationFile } from '../../schemas/station.ts'
import type { RelaysOnDemand } from './on-demand.ts'
import { relayKeyIds } from './relay-keys.ts'
import { joined, type WeeklySlot, weeklyWindows } from './weekly-windows.ts'

/** A person's key, as far as the air needs it. */
export type GrantedKey = Pick<
  LiveGrant,
  'keyId' | 'anchorId' | 'name' | 'keySha256' | 'signingKey' | 'goLive' | 'srt'
> & { slots: readonly WeeklySlot[] | null }

/** How far ahead windows are told: so long can the control center be dead. */
const AHEAD_MS = 48 * 3_600_000

/** What each key and relay may do, in the order of their ids. The same for as long as no window comes into sight or goes by. */
export function grantsOf(
  keys: readonly GrantedKey[],
  station: Pick<StationFile, 'timeZone' | 'live'>,
  onDemand: RelaysOnDemand,
  nowMs: number,
): LiveGrant[] {
  const windowsOf = (slots: readonly WeeklySlot[]): LiveWindow[] =>
    weeklyWindows(slots, station.timeZone, nowMs, nowMs + AHEAD_MS)
  const anchors = keys.map(
    ({ slots, keyId, anchorId, name, keySha256, signingKey, goLive, srt }): LiveGrant => ({
      ...{ keyId, anchorId, name, keySha256, signingKey, goLive, srt },
      kind: 'anchor',
      windows: slots === null ? null : windowsOf(slots),
      endsWithWindow: false,
      relayUrl: null,
    }),
  )
  const keyIds = relayKeyIds(station.live.relays)
  const relays = station.live.relays.map((relay, index): LiveGrant => {
    const keyId = keyIds[index]!
    return {
      keyId,
      anchorId: keyId,
      name: relay.name,
      kind: 'relay',
      keySha256: null,
      signingKey: null,
      goLive: 'automatic',
      windows: withOrders(windowsOf(relay.shows), onDemand[keyId], nowMs),
      endsWithWindow: true,
      srt: null,
      relayUrl: relay.url,
    }
  })
  return [...anchors, ...relays].sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
}

/** Windows as they are after a person started or stopped the relay by hand. */
function withOrders(
  windows: readonly LiveWindow[],
  order: RelaysOnDemand[string] | undefined,
  nowMs: number,
): LiveWindow[] {
  if (!order) return [...windows]
  if (order.order === 'start') return joined([...windows, order.window]).filter(({ untilMs }) => untilMs > nowMs)
  return windows
    .map(({ fromMs, untilMs }) => ({ fromMs: Math.max(fromMs, order.untilMs), untilMs }))
    .filter(({ fromMs, untilMs }) => untilMs > fromMs)
}

/** The station file's seconds and names, as ingest and playout use them. */
export const liveSettingsOf = ({ live, audio }: Pick<StationFile, 'live' | 'audio'>): LiveSettings => ({
  bufferMs: live.bufferMilliseconds,
  relayBufferMs: live.relayBufferMilliseconds,
  crossfadeMs: Math.round(live.crossfadeSeconds * 1000),
  graceMs: Math.round(live.graceSeconds * 1000),
  silenceDbfs: live.silence.belowDbfs,
  silenceMs: Math.round(live.silence.afterSeconds * 1000),
  soundAgainMs: Math.round(live.silence.backAfterSeconds * 1000),
  duckDb: live.talkOver.duckDb,
  duckDownMs: live.talkOver.downMilliseconds,
  duckUpMs: live.talkOver.upMilliseconds,
  levelLufs: live.levelling ? audio.targetLufs : null,
})
