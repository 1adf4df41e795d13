import Type, { type Static } from 'typebox'
import { check } from '../../../schemas/check.ts'
import type { LiveSession } from '../../../schemas/live.ts'

const OrderAction = Type.Union([
  Type.Literal('go-live'),
  Type.Literal('end'),
  Type.Literal('talk-over'),
  Type.Literal('cancel'),
])

/** What a studio page says as text. Its sound comes in binary messages (`pieces.ts`). */
export const FromPage = Type.Union([
  Type.Object({
    type: Type.Literal('hello'),
    /** `<keyId>.<expires>.<signature>`, from the control center. */
    ticket: Type.String({ maxLength: 200 }),
    sampleRate: Type.Integer({ minimum: 8_000, maximum: 192_000 }),
    channels: Type.Union([Type.Literal(1), Type.Literal(2)]),
    /** Of the connection that this page had before; it shows that the page comes back, and is not another one. */
    session: Type.Union([Type.String({ maxLength: 63 }), Type.Null()]),
  }),
  Type.Object({
    type: Type.Literal('order'),
    action: OrderAction,
    body: Type.Record(Type.String(), Type.Unknown()),
  }),
  Type.Object({ type: Type.Literal('bye') }),
])
export type FromPage = Static<typeof FromPage>
export type Hello = Extract<FromPage, { type: 'hello' }>
export type Order = Extract<FromPage, { type: 'order' }>

export type ToPage =
  | { type: 'welcome' }
  /** The connection ends; the reason is for the person at the microphone. */
  | { type: 'refused'; reason: string }
  /** Four times a second. `sequence` is the number of the newest piece that has arrived, -1 before the first. */
  | { type: 'level'; levelDbfs: number; peakDbfs: number; silentForMs: number; sequence: number; missing: number }
  /** At each change, and every second or two as long as playout is heard: so a page knows how fresh its knowledge is. */
  | { type: 'session'; session: LiveSession | null; nowMs: number }
  /** What became of an order; what became of the session is in its own message. */
  | { type: 'order'; action: Order['action']; ok: boolean; reason: string }

/** Null: it is nothing that a studio page says. */
export function parseFromPage(text: string): FromPage | null {
  try {
    const checked = check(FromPage, JSON.parse(text))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}

/** The parts of a ticket; null when it is none. */
export function parseTicket(ticket: string): { keyId: string; expires: number; signature: string } | null {
  const parts = /^([a-z0-9][a-z0-9-]{0,62})\.(\d{1,12})\.([0-9a-f]{64})$/.exec(ticket)
  return parts && { keyId: parts[1]!, expires: Number(parts[2]), signature: parts[3]! }
}
