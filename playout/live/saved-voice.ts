import type { LiveReader } from './live-reader.ts'
import type { SavedVoice } from './saved-voices.ts'
import type { Voice } from './voice.ts'

/** A voice for the checkpoint; null while nothing of it has been read. */
export function savedVoice({ reader, ...voice }: Voice): SavedVoice | null {
  const read = reader.save()
  if (!read) return null
  const { sessionId, anchorName, title, talkOver, placementId, ending } = voice
  const { peer, keyId, run, bufferSamples } = reader.feed
  const feed = { ingest: peer.id, keyId, run, bufferSamples }
  return { sessionId, anchorName, title, talkOver, placementId, ending, span: { ...voice.span }, ...feed, ...read }
}

/** The voice as it was, with a reader that reads on. */
export function restoredVoice(saved: SavedVoice, reader: LiveReader): Voice {
  const { sessionId, anchorName, title, talkOver, placementId, ending, span } = saved
  if (ending) reader.freeze()
  return { sessionId, anchorName, title, talkOver, placementId, ending, isDry: false, span, reader }
}
