/**
 * The format of a stream by its first bytes, as ffmpeg's demuxers are called; null when they say nothing. Encoders name the wrong content
 * type often enough, so what comes is believed more than what was announced.
 */
export function sniffAudio(first: Buffer): 'mp3' | 'aac' | 'ogg' | 'flac' | 'matroska' | null {
  if (first.length < 4) return null
  const text = first.toString('latin1', 0, 4)
  if (text === 'OggS') return 'ogg'
  if (text === 'fLaC') return 'flac'
  if (text.startsWith('ID3')) return null
  if (first.readUInt32BE(0) === 0x1a45dfa3) return 'matroska'
  if (first[0] !== 0xff) return null
  // Twelve bits of sync and a layer of 0 are ADTS; eleven bits and another layer are MPEG audio.
  if ((first[1]! & 0xf6) === 0xf0) return 'aac'
  return (first[1]! & 0xe0) === 0xe0 && (first[1]! & 0x06) !== 0 ? 'mp3' : null
}
