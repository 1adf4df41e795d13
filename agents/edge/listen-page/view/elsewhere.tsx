import type { Station } from '../station.ts'

/** The addresses for other players: a kitchen radio, a car, VLC. */
export function Elsewhere({ station: { station, controlPublicUrl } }: { station: Station }) {
  const links = [
    { href: `hls/${station.id}/master.m3u8`, name: 'HLS' },
    ...station.renditions.map(({ id, bitrateKbps }) => ({
      href: `stream/${station.id}/${id}.aac`,
      name: `AAC ${bitrateKbps}`,
    })),
    { href: `stream/${station.id}/${station.renditions[0]!.id}.flv`, name: 'FLV' },
    { href: `dash/${station.id}/manifest.mpd`, name: 'DASH' },
  ]
  return (
    <footer>
      <span>Listen elsewhere</span>
      {links.map(({ href, name }) => (
        <a key={href} href={href}>
          {name}
        </a>
      ))}
      {controlPublicUrl !== null && (
        <a class="apart" href={`${controlPublicUrl}/docs`}>
          API
        </a>
      )}
    </footer>
  )
}
