import { afterEach, describe, expect, it } from 'vitest'
import type { RundownAnswer, StationAnswer, StatusAnswer } from '../../../schemas/api.ts'
import type { PlaybackAnswer } from '../../../schemas/api-live.ts'
import { eventually } from '../support/eventually.ts'
import { makeFirstAdmin, tokenOf } from '../support/people.ts'
import { type Station, startStation } from '../support/station.ts'

const GOOD = 'id: test-radio\nname: Test Radio\ntimeZone: Europe/Berlin\n'

describe('the station file while the station runs', () => {
  let station: Station
  afterEach(() => station.end())
  const alarms = async (): Promise<string> => (await station.get<StatusAnswer>('/api/status')).alarms.join('\n')
  const zone = async (): Promise<string> => (await station.get<StationAnswer>('/api/station')).timeZone

  it('a wrong file raises an alarm with the field and an example, the last good one goes on; a right one is taken', async () => {
    station = await startStation()
    await eventually(() => station.playout.held.rundown).not.toBeNull()
    const { version } = station.playout.held.rundown!
    station.writeStationFile(`${GOOD}audio:\n  crossfadeSeconds: lots\n`)
    await eventually(alarms).toContain('audio.crossfadeSeconds')
    expect(await alarms()).toContain('The last good one goes on.')
    expect(await zone()).toBe('Europe/Berlin')
    expect((await station.get<RundownAnswer>('/api/rundown')).version).toBe(version)

    station.writeStationFile(`${GOOD.replace('Europe/Berlin', 'Asia/Tokyo')}audio:\n  crossfadeSeconds: 5\n`)
    await eventually(zone).toBe('Asia/Tokyo')
    await eventually(() => station.playout.held.rundown?.crossfadeSamples).toBe(5 * 48_000)
    expect(await alarms()).not.toContain('station file')
  })

  it('is wrong at a restart: the last good one is used, with the alarm', async () => {
    station = await startStation()
    await station.stopCenter()
    station.writeStationFile('timeZone: [nonsense\n')
    await station.startCenter()
    expect(await zone()).toBe('Europe/Berlin')
    expect(await alarms()).toContain('not valid YAML')
  })

  it('a change of what the stream is made of waits for a restart, and says so', async () => {
    station = await startStation()
    station.writeStationFile(GOOD.replace('id: test-radio', 'id: other-radio'))
    await eventually(alarms).toContain('The change of id in the station file waits for a restart of the station.')
    expect((await station.get<StationAnswer>('/api/station')).id).toBe('test-radio')
  })

  it('listening needs a signature from the moment that the file says so, and no longer when it does not', async () => {
    station = await startStation()
    const headers = {
      ...(await tokenOf(await makeFirstAdmin(station), 'operator')),
      'content-type': 'application/json',
    }
    const address = async (): Promise<string> => {
      const answer = await fetch(`${station.url}/api/playback-address`, { method: 'POST', headers, body: '{}' })
      return ((await answer.json()) as PlaybackAnswer).url
    }
    expect(await address()).not.toContain('/s/')
    station.writeStationFile(`${GOOD}listen: { signed: true }\n`)
    await eventually(address).toContain('/s/')
    expect(await alarms()).not.toContain('The change of listen')
    station.writeStationFile(GOOD)
    await eventually(address).not.toContain('/s/')
  })
})
