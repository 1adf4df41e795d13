/**
 * What ffmpeg is to fetch, as a script for its concat demuxer, handed in by its standard input: a password in its arguments could be read
 * by everybody on the machine. Throws an Error when a text can't stand in such a script.
 */
export function fetchScript(url: string, options: Readonly<Record<string, string>>): string {
  const lines = [
    `file ${quoted(url)}`,
    ...Object.entries(options).map(([name, value]) => `option ${name} ${quoted(value)}`),
  ]
  return `ffconcat version 1.0\n${lines.join('\n')}\n`
}

function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new Error('an address or a passphrase with control characters')
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** By the scheme of an address: what ffmpeg may open on its way (a playlist can't make it read this machine's files), and how it opens it. */
export function fetchOptionsFor(url: string): { protocols: string; options: Record<string, string> } {
  const analysis = { analyzeduration: '500000', probesize: '100000' }
  switch (url.slice(0, url.indexOf(':')).toLowerCase()) {
    case 'srt':
      return { protocols: 'pipe,srt,udp', options: analysis }
    case 'rtsp':
    case 'rtsps':
      return { protocols: 'pipe,rtsp,rtsps,rtp,srtp,tcp,tls,udp', options: { ...analysis, rtsp_transport: 'tcp' } }
    case 'rtmp':
    case 'rtmps':
      return { protocols: 'pipe,rtmp,rtmps,rtmpt,tcp,tls', options: { ...analysis, rtmp_live: 'live' } }
    default:
      return { protocols: 'pipe,http,https,tcp,tls,crypto,data', options: analysis }
  }
}

/** A line of ffmpeg's without addresses, which may hold names, passwords and keys, and without these words. */
export function withoutSecrets(line: string, secrets: readonly string[] = []): string {
  const bare = line.replace(/([a-z][a-z0-9+.-]*):\/\/[^\s'"]*/gi, '$1://…').trim()
  return secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '…'), bare)
}

/** What ffmpeg says of the first sound that it finds, for a person: `AAC (LC), 44.1 kHz, stereo`. Null: the line is another one. */
export function formatInLine(line: string): string | null {
  const stream = /^\s*Stream #\d+:\d+.*?: Audio: ([a-z0-9_]+)(?: \(([A-Za-z0-9-]+)\))?.*?, (\d+) Hz, ([^,]+)/.exec(line)
  if (!stream) return null
  const [, codec = '', profile, rate, channels = ''] = stream
  const name = `${codec.toUpperCase()}${profile && /[A-Z]/.test(profile) ? ` (${profile})` : ''}`
  return `${name}, ${Number(rate) / 1000} kHz, ${channels.trim()}`
}

/** A title of the ICY protocol, as ffmpeg tells it; its text is bytes of any encoding, read as Latin-1. Null: the line is another one. */
export function icyTitleInLine(line: string): string | null {
  return /Metadata update for StreamTitle: (.*)$/.exec(line)?.[1] ?? null
}
