import type { StationFile } from '../schemas/station.ts'
import { PORTS } from './ports.ts'

/** What a person wants to know when the station is up. What isn't there yet is left out. */
export function bannerOf(facts: {
  station: StationFile
  publicHost: string
  portOffset: number
  dataFolder: string
  stationFile: string
  /** On the control center; null when there is an admin. */
  firstAdminPath: string | null
}): string {
  const { station, publicHost, portOffset } = facts
  const at = (port: number, path = '/'): string => `http://${publicHost}:${port + portOffset}${path}`
  /** Passwords go over the network by TLS, where the station offers it. */
  const control = (path: string): string =>
    station.tls === null
      ? at(PORTS['control center'], path)
      : `https://${publicHost}:${PORTS['control center TLS'] + portOffset}${path}`
  const lines = [
    ['Listen', at(PORTS.edge)],
    ['Player URL', at(PORTS.edge, `/hls/${station.id}/master.m3u8`)],
    ['Studio', control('/studio')],
    ['RTMP push', `rtmp://${publicHost}:${PORTS['ingest RTMP'] + portOffset}/live/<push key>`],
    ['Console', control('/')],
    ...(facts.firstAdminPath === null ? [] : [['First admin', control(facts.firstAdminPath)]]),
    ['API', control('/docs')],
    ['Station file', facts.stationFile],
    ['Data', facts.dataFolder],
  ]
  const body = lines.map(([name, value]) => `  ${name!.padEnd(13)}${value}`).join('\n')
  return `\n${station.name} is on air.\n\n${body}\n\nCtrl-C ends everything.\n`
}
