import type { LiveSession } from '../../../schemas/live.ts'

/** A session of the page's own key, as the engine would tell it. */
export function sessionOf(change: Partial<LiveSession> = {}): LiveSession {
  return {
    id: 'session-1',
    keyId: 'studio-mia',
    anchorId: 'mia',
    anchorName: 'Mia',
    kind: 'anchor',
    source: 'browser',
    ingest: 'ingest-1',
    title: '',
    state: 'ready',
    reason: '600 ms are in hand.',
    stateSinceMs: Date.now(),
    onAirFromMs: null,
    onAirUntilMs: null,
    onAirFromSample: null,
    onAirUntilSample: null,
    covered: null,
    pending: null,
    talkOver: false,
    sender: {
      connected: true,
      depthMs: 640,
      levelDbfs: -18,
      peakDbfs: -9,
      heardAgoMs: 12,
      format: 'PCM, 48 kHz, mono',
      driftPpm: 0,
      losses: 0,
      problems: [],
    },
    notes: [],
    ...change,
  }
}
