import Type, { type Static } from 'typebox'
import { LiveWindow } from '../../schemas/live.ts'

/** What people ordered of relays, by key id. The last order of a relay counts. */
export const RelaysOnDemand = Type.Record(
  Type.String(),
  Type.Union([
    /** On the air from an instant on, beside its own times. */
    Type.Object({ order: Type.Literal('start'), window: LiveWindow }),
    /** Off the air until an instant: the end of the window that it was stopped in. */
    Type.Object({ order: Type.Literal('stop'), untilMs: Type.Number() }),
  ]),
)
export type RelaysOnDemand = Static<typeof RelaysOnDemand>

/** For how long a relay goes on that was started without an end: a year, which nobody waits for. */
const OPEN_END_MS = 366 * 24 * 3_600_000

export const started = (
  orders: RelaysOnDemand,
  keyId: string,
  nowMs: number,
  untilMs: number | null,
): RelaysOnDemand => ({
  ...orders,
  [keyId]: { order: 'start', window: { fromMs: nowMs, untilMs: untilMs ?? nowMs + OPEN_END_MS } },
})

/** @param ownWindows of the relay, by the station file alone: the present one is cut off, and what was started by hand ends altogether */
export function stopped(
  orders: RelaysOnDemand,
  keyId: string,
  ownWindows: readonly LiveWindow[],
  nowMs: number,
): RelaysOnDemand {
  const { [keyId]: _ended, ...rest } = orders
  const present = ownWindows.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)
  return present ? { ...rest, [keyId]: { order: 'stop', untilMs: present.untilMs } } : rest
}

/** Without orders that have gone by, and those of relays that are no longer in the station file. */
export function stillInForce(orders: RelaysOnDemand, keyIds: readonly string[], nowMs: number): RelaysOnDemand {
  const inForce = Object.entries(orders).filter(
    ([keyId, order]) =>
      keyIds.includes(keyId) && (order.order === 'start' ? order.window.untilMs : order.untilMs) > nowMs,
  )
  return Object.fromEntries(inForce)
}
