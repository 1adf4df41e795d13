import type { LiveGrant } from '../../../schemas/live.ts'
import { INGEST_LIMITS } from '../limits.ts'

export type AdmissionFacts = {
  keyId: string
  grants: readonly LiveGrant[]
  /** The key's feed, when there is one: as what it is connected now (null: not), and since when nothing has come. */
  present: { connected: string | null; heardAgoMs: number } | null
  kicked: { untilMs: number; reason: string } | null
  /** How many feeds are held. */
  feeds: number
  monotonicMs: number
  wallMs: number
}

/** Whether a sender whose key is good may send now; if not, why, for the person at the encoder. */
export function admissionOf(facts: AdmissionFacts): { admit: true } | { refuse: string } {
  const { present, kicked } = facts
  const grant = facts.grants.find(({ keyId }) => keyId === facts.keyId)
  if (!grant) return { refuse: 'This key is not known to the station: it was revoked, or never given out.' }
  if (kicked && kicked.untilMs > facts.monotonicMs) {
    const seconds = Math.ceil((kicked.untilMs - facts.monotonicMs) / 1000)
    return { refuse: `${kicked.reason} The key is refused for another ${seconds} s.` }
  }
  if (present?.connected != null && present.heardAgoMs < INGEST_LIMITS.takeOverMs)
    return {
      refuse: `This key is in use: ${present.connected} is sending with it. It can be taken over when nothing has come from there for ${INGEST_LIMITS.takeOverMs / 1000} s.`,
    }
  // Who was there a moment ago may come back after the window's end too: an anchor may finish.
  if (!present && !isInWindows(grant, facts.wallMs))
    return { refuse: `This key may not be used now: ${nextWindow(grant, facts.wallMs)}` }
  if (!present && facts.feeds >= INGEST_LIMITS.feedsMax)
    return { refuse: `This node takes ${INGEST_LIMITS.feedsMax} senders at once, and they are all there.` }
  return { admit: true }
}

function isInWindows({ windows }: LiveGrant, wallMs: number): boolean {
  return (
    windows === null ||
    windows.some(({ fromMs, untilMs }) => wallMs >= fromMs - INGEST_LIMITS.earlyMs && wallMs < untilMs)
  )
}

function nextWindow({ windows }: LiveGrant, wallMs: number): string {
  const next = (windows ?? []).map(({ fromMs }) => fromMs).filter((fromMs) => fromMs > wallMs)
  if (next.length === 0) return 'none of its times is near.'
  const minutes = Math.ceil((Math.min(...next) - wallMs) / 60_000)
  return `its next time begins in ${minutes >= 60 ? `${Math.floor(minutes / 60)} h ` : ''}${minutes % 60} min, and it may connect ${INGEST_LIMITS.earlyMs / 60_000} min before.`
}
