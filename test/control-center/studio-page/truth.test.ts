import { describe, expect, it } from 'vitest'
import { standingOf } from '../../../control-center/studio-page/truth/standing.ts'
import {
  type ControlWord,
  ownSession,
  type SocketWord,
  truthOf,
} from '../../../control-center/studio-page/truth/truth.ts'
import type { LiveAnswer } from '../../../schemas/api-live.ts'
import type { LiveSession } from '../../../schemas/live.ts'
import { sessionOf } from '../../browser/support/live-session.ts'

const quantiles = { p50: 0, p99: 0, worst: 0 }
const answer = (sessions: LiveSession[], change: Partial<LiveAnswer> = {}): LiveAnswer => ({
  revision: 1,
  generation: 1,
  nowMs: 1_000_000,
  planVersion: 1,
  onAirSessionId: sessions.find(({ state }) => state === 'on-air')?.id ?? null,
  hold: false,
  sessions,
  handoffs: [],
  figures: { count: 0, gapMs: quantiles, overlapMs: quantiles, clickToAirMs: quantiles },
  ingests: [],
  ageMs: 0,
  problem: null,
  ...change,
})
const word = (sessions: LiveSession[], change: Partial<LiveAnswer> = {}): ControlWord => ({
  status: answer(sessions, change),
  heardAtMs: 500,
})
const socketWord = (session: LiveSession | null, nowMs: number, heardAtMs = 500): SocketWord => ({
  session,
  nowMs,
  heardAtMs,
})
const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19)
const headlineOf = (control: ControlWord | null, socket: SocketWord | null, atMs: number): string => {
  const truth = truthOf(control, socket, atMs)
  return standingOf(truth, ownSession(truth.sessions, 'mia', 'studio-mia'), null, timeOfDay).headline
}

describe('what the studio takes for true', () => {
  it('is the newer word of the two, by whichever way it came', () => {
    const ready = sessionOf()
    const onAir = sessionOf({ state: 'on-air', onAirFromMs: 1_000_050 })
    expect(headlineOf(word([ready]), socketWord(onAir, 1_000_100), 600)).toBe('ON AIR')
    expect(headlineOf(word([onAir]), socketWord(ready, 999_000), 600)).toBe('ON AIR')
    expect(truthOf(word([ready]), socketWord(onAir, 1_000_100), 600).onAirSessionId).toBe('session-1')
  })

  it('grows old: after five seconds without a word nothing is known, whatever was true before', () => {
    const onAir = sessionOf({ state: 'on-air', onAirFromMs: 1_000_000 })
    expect(headlineOf(word([onAir]), null, 5_499)).toBe('ON AIR')
    expect(headlineOf(word([onAir]), null, 5_501)).toBe('NOT KNOWN')
    expect(headlineOf(null, socketWord(onAir, 1_000_000), 5_499)).toBe('ON AIR')
    expect(headlineOf(null, socketWord(onAir, 1_000_000), 5_501)).toBe('NOT KNOWN')
    expect(headlineOf(null, null, 0)).toBe('NOT KNOWN')
  })

  it('is not what the control center repeats while playout is away', () => {
    const onAir = sessionOf({ state: 'on-air', onAirFromMs: 1_000_000 })
    const repeated = word([onAir], { problem: 'Playout does not answer.', ageMs: 9_000 })
    expect(headlineOf(repeated, null, 600)).toBe('NOT KNOWN')
    expect(headlineOf(repeated, socketWord(onAir, 1_000_100), 600)).toBe('ON AIR')
  })

  it("is about this person's session that is nearest to the air, an encoder's before an idle microphone", () => {
    const idle = sessionOf({ id: 'microphone' })
    const encoder = sessionOf({ id: 'encoder', keyId: 'obs-mia', state: 'on-air', onAirFromMs: 1 })
    const stranger = sessionOf({ id: 'stranger', anchorId: 'otto', state: 'on-air', onAirFromMs: 1 })
    const ended = sessionOf({ id: 'before', state: 'ended' })
    expect(ownSession([idle, encoder, stranger], 'mia', 'studio-mia')?.id).toBe('encoder')
    expect(
      ownSession(
        [encoder, idle].map((one) => ({ ...one, state: 'ready' as const })),
        'mia',
        'studio-mia',
      )?.id,
    ).toBe('microphone')
    expect(ownSession([stranger, ended], 'mia', 'studio-mia')).toBeNull()
  })
})

describe('the big words', () => {
  const say = (session: LiveSession, others: LiveSession[] = [], itemEndsAtMs: number | null = null) =>
    standingOf(truthOf(word([session, ...others]), null, 600), session, itemEndsAtMs, timeOfDay)

  it('never say ON AIR but for a session that is on air and heard', () => {
    const states = ['connected', 'buffering', 'ready', 'on-air', 'draining', 'ended'] as const
    const pendings = [null, { action: 'go-live', when: 'now', atMs: null }] as const
    const covers = [null, { because: 'lost', sinceMs: 1 }, { because: 'silence', sinceMs: 1 }] as const
    for (const state of states)
      for (const pending of pendings)
        for (const covered of covers) {
          const { headline } = say(sessionOf({ state, pending, covered, onAirFromMs: 1_000 }))
          expect(headline === 'ON AIR').toBe(state === 'on-air' && covered === null)
        }
  })

  it('count up on air, and down to what is pending', () => {
    expect(say(sessionOf({ state: 'on-air', onAirFromMs: 4_000 }))).toMatchObject({
      detail: 'since 00:00:04. Listeners hear you.',
      sinceMs: 4_000,
      untilMs: null,
    })
    const atItemEnd = { action: 'go-live', when: 'item-end', atMs: null } as const
    expect(say(sessionOf({ pending: atItemEnd }), [], 9_000)).toMatchObject({ state: 'going-live', untilMs: 9_000 })
    const atTime = { action: 'go-live', when: 'at', atMs: 7_000 } as const
    expect(say(sessionOf({ pending: atTime }), [], 9_000)).toMatchObject({
      detail: 'Not on air yet: at 00:00:07.',
      untilMs: 7_000,
    })
  })

  it('say whom listeners hear instead, and that a microphone is silent before it matters', () => {
    const otto = sessionOf({ id: 'o', anchorId: 'otto', anchorName: 'Otto', state: 'on-air', onAirFromMs: 1 })
    expect(say(sessionOf(), [otto]).detail).toBe('Not on air: listeners hear Otto.')
    const covered = { ...otto, covered: { because: 'lost', sinceMs: 1 } as const }
    expect(say(sessionOf(), [covered]).detail).toBe('Not on air: listeners hear music.')
    const mute = sessionOf()
    expect(say({ ...mute, sender: { ...mute.sender, peakDbfs: -80 } }).headline).toBe('READY, BUT SILENT')
  })
})
