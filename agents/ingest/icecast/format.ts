import type { RequestHead } from './request-head.ts'

const NAMES: Record<string, string> = {
  'audio/mpeg': 'MP3',
  'audio/mp3': 'MP3',
  'audio/aac': 'AAC',
  'audio/aacp': 'AAC',
  'application/ogg': 'Ogg',
  'audio/ogg': 'Ogg',
  'audio/opus': 'Opus',
  'audio/flac': 'FLAC',
}

/** What a source says that it sends, for a person: `MP3, 44.1 kHz, stereo, 128 kbit/s`. It is not checked: people are told, nobody relies on it. */
export function formatOf({ headers }: RequestHead): string {
  const type = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  const info = new Map(
    (headers.get('ice-audio-info') ?? '').split(';').map((field) => {
      const [name = '', value = ''] = field.trim().toLowerCase().split('=')
      return [name.replace(/^ice-/, ''), value]
    }),
  )
  const rate = Number(info.get('samplerate') ?? Number.NaN)
  const channels = info.get('channels')
  const bitrate = Number(headers.get('ice-bitrate') ?? info.get('bitrate') ?? Number.NaN)
  return [
    NAMES[type] ?? (type === '' ? 'Icecast' : type),
    rate > 0 ? `${Math.round(rate / 100) / 10} kHz` : '',
    channels === '1' ? 'mono' : channels === '2' ? 'stereo' : '',
    bitrate > 0 ? `${Math.round(bitrate)} kbit/s` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}
