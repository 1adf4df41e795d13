import type { Static } from 'typebox'
import type { KickOrder } from '../../schemas/live.ts'

/** What the machine wants done, each with its reason in a sentence. */
export type Effect = { reason: string } & (
  | {
      effect: 'open'
      sessionId: string
      ingest: string
      keyId: string
      run: string
      from: number | 'newest'
      bufferSamples: number
    }
  | {
      effect: 'go-live'
      sessionId: string
      anchorName: string
      title: string
      atSample: number
      fadeSamples: number
      talkOver: boolean
    }
  | { effect: 'end-live'; sessionId: string; endSample: number; fadeSamples: number }
  | { effect: 'talk-over'; sessionId: string; on: boolean }
  | { effect: 'close'; sessionId: string }
  | { effect: 'hold'; on: boolean }
  | { effect: 'kick'; ingest: string; keyId: string; order: Static<typeof KickOrder> }
)
