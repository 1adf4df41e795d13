export const PATH_NAMES = ['hls-cmaf', 'hls-ts', 'hls-adts', 'dash', 'stream-aac', 'stream-flv'] as const
export type PathName = (typeof PATH_NAMES)[number]

export type StationPaths = Record<PathName, string> & { station: string; rendition: string }

/**
 * Every path of a station, from the address of its master playlist or of any of its media playlists (`/hls/<station>/…`).
 * Throws an Error when the address is of another shape.
 */
export function pathsOf(url: string, rendition = 'high'): StationPaths {
  const { origin, pathname } = new URL(url)
  const [, station, part] = /\/hls\/([^/]+)\/(?:([^/]+)\/)?[^/]+\.m3u8$/.exec(pathname) ?? []
  if (!station) throw new Error(`${url} is not a playlist of a station: …/hls/<station>/master.m3u8`)
  const chosen = part ?? rendition
  const hls = `${origin}/hls/${station}/${chosen}`
  return {
    station,
    rendition: chosen,
    'hls-cmaf': `${hls}/index.m3u8`,
    'hls-ts': `${hls}/ts.m3u8`,
    'hls-adts': `${hls}/adts.m3u8`,
    dash: `${origin}/dash/${station}/manifest.mpd`,
    'stream-aac': `${origin}/stream/${station}/${chosen}.aac`,
    'stream-flv': `${origin}/stream/${station}/${chosen}.flv`,
  }
}
