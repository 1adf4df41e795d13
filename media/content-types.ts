/** MIME types of everything that listeners fetch (RFC 8216, 4 and 10; the IANA registry). */
export const contentTypes = {
  playlist: 'application/vnd.apple.mpegurl',
  dashManifest: 'application/dash+xml',
  cmaf: 'audio/mp4',
  mpegts: 'video/mp2t',
  aac: 'audio/aac',
  flv: 'video/x-flv',
} as const
