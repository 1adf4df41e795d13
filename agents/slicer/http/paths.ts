import { INIT_NAME, type Packaging, playlistNames, segmentExtensions } from '../../../media/playlists.ts'

/** What a listener's path asks for. */
export type Wanted =
  | { kind: 'master'; station: string }
  | { kind: 'dash'; station: string }
  | { kind: 'init'; station: string; rendition: string }
  | { kind: 'playlist'; station: string; rendition: string; packaging: Packaging }
  | { kind: 'segment'; station: string; rendition: string; packaging: Packaging; segment: number }

const packagings = Object.keys(playlistNames) as Packaging[]
const byPlaylist = new Map(packagings.map((packaging) => [playlistNames[packaging], packaging]))
const byExtension = new Map(packagings.map((packaging) => [segmentExtensions[packaging], packaging]))

/** Reads `/hls/…` and `/dash/…` without its query; null for any other path. */
export function wantedOf(path: string): Wanted | null {
  const [empty, root, station, first, second, ...rest] = path.split('/')
  if (empty !== '' || !station || !first || rest.length > 0) return null
  if (root === 'dash') return first === 'manifest.mpd' && second === undefined ? { kind: 'dash', station } : null
  if (root !== 'hls') return null
  if (second === undefined) return first === 'master.m3u8' ? { kind: 'master', station } : null
  if (second === INIT_NAME) return { kind: 'init', station, rendition: first }
  const listed = byPlaylist.get(second)
  if (listed) return { kind: 'playlist', station, rendition: first, packaging: listed }
  const match = /^(0|[1-9]\d{0,14})\.([a-z0-9]{2,3})$/.exec(second)
  const packaging = match && byExtension.get(match[2]!)
  return packaging ? { kind: 'segment', station, rendition: first, packaging, segment: Number(match[1]) } : null
}
