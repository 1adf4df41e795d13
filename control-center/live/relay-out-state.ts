import type { RelayOut, RelayOutView } from '../../schemas/api-live.ts'
import type { PushTarget, TargetStatus } from '../../schemas/playout.ts'

/** No node's id begins so: they have no dots. */
const targetIdOf = ({ id }: Pick<RelayOut, 'id'>): string => `out.${id}`

/** Whether it is to be pushed to now, and if not, why. */
export function whyOff({ enabled, shows }: RelayOut, showsNow: ReadonlySet<string>): string | null {
  if (!enabled) return 'It is switched off.'
  if (shows === null || shows.some((name) => showsNow.has(name))) return null
  return `None of its shows is on: ${shows.join(', ')}.`
}

/** Whom playout is to push to besides the slicers. */
export const foreignTargetsOf = (all: readonly RelayOut[], showsNow: ReadonlySet<string>): PushTarget[] =>
  all
    .filter((relayOut) => whyOff(relayOut, showsNow) === null)
    .map((relayOut) => ({
      id: targetIdOf(relayOut),
      url: relayOut.url,
      pushKey: null,
      renditions: [relayOut.rendition],
      streamName: relayOut.streamName,
      generation: 0,
    }))

/** @param statuses of playout's targets; null while playout is not heard */
export function relayOutView(
  relayOut: RelayOut,
  showsNow: ReadonlySet<string>,
  statuses: readonly TargetStatus[] | null,
): RelayOutView {
  const { streamName, ...shown } = relayOut
  const off = whyOff(relayOut, showsNow)
  const status = statuses?.find(({ id, rendition }) => id === targetIdOf(relayOut) && rendition === relayOut.rendition)
  const unknown = statuses === null ? 'Playout is not heard.' : 'Playout was told, and has not said how it stands yet.'
  return {
    ...shown,
    streamNameMasked: masked(streamName),
    state: off === null ? (status?.state ?? 'unknown') : 'off',
    reason: off ?? status?.reason ?? unknown,
    framesSent: status?.framesSent ?? 0,
    framesDropped: status?.framesDropped ?? 0,
    queuedBytes: status?.queuedBytes ?? 0,
  }
}

/** Enough to tell two keys apart, and too little to use one. */
const masked = (secret: string): string => (secret.length >= 12 ? `…${secret.slice(-2)}` : '…')
