import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { audioSpecificConfig } from '../../media/adts.ts'
import { firstFrameOfSegment } from '../../media/timeline.ts'
import { systemClock } from '../../platform/clock.ts'
import { FanOut } from '../../playout/fan-out/fan-out.ts'
import { Spool } from '../../playout/spool/spool.ts'
import type { PushTarget } from '../../schemas/playout.ts'
import { silentLog, startTestServer } from '../platform/rtmp/receiving-server.ts'

const RENDITION = { id: 'high', bitrateKbps: 128, channels: 2 as const }
const FIRST = firstFrameOfSegment(440_000_000)

let folder: string
let fanOut: FanOut
let spool: Spool
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-push-'))
  spool = new Spool(folder, 'high', (failure) => expect(failure).toBeNull())
  for (let frame = FIRST; frame < FIRST + 20; frame++) spool.append(frame, Buffer.from('unit'))
  const station = { id: 's', name: 'S', renditions: [RENDITION], windowSegments: 3, keptSegments: 6 }
  fanOut = new FanOut({ station, generation: 1, firstAvailableFrame: FIRST, clock: systemClock, log: silentLog }, [
    { rendition: RENDITION, spool, audioConfig: audioSpecificConfig(2) },
  ])
})
afterEach(() => {
  fanOut.close()
  spool.close()
  rmSync(folder, { recursive: true })
})

const target = (id: string, url: string, pushKey: string | null = 'k'): PushTarget => ({
  id,
  url,
  pushKey,
  renditions: ['high'],
  generation: 1,
})

describe('the push', () => {
  it('does not end the air for addresses that make no sense; the others are served', async () => {
    const server = await startTestServer()
    const wrong = ['', 'rtmp://', 'rtmp://host:99999/live', 'http://host/live', 'rtmp://a b/live', 'ünsinn']
    const right = `rtmp://127.0.0.1:${server.port}/live`
    const targets = [...wrong.map((url, index) => target(`wrong-${index}`, url)), target('right', right)]
    fanOut.set({ version: 1, targets, peers: [] })
    await (await server.publication(0)).received(22)
    for (const { id, state, reason } of fanOut.status())
      expect([id, state, reason]).toEqual(
        id === 'right' ? [id, 'publishing', 'publishing'] : [id, 'waiting', expect.stringContaining("can't be used")],
      )
    await server.close()
  })

  it('tells a foreign server in onMetaData what comes, and nothing of ours', async () => {
    const server = await startTestServer()
    fanOut.set({ version: 1, targets: [target('foreign', `rtmp://127.0.0.1:${server.port}/live`, null)], peers: [] })
    const publication = await server.publication(0)
    await publication.received(22)
    expect(publication.messages[0]).toMatchObject({
      name: 'onMetaData',
      values: [{ audiocodecid: 10, audiosamplerate: 48_000, stereo: true, audiodatarate: 128 }],
    })
    expect(publication.messages.filter((message) => 'name' in message)).toHaveLength(1)
    await server.close()
  })

  it('goes to a foreign server under the stream name that it gave us, another one when that changes, and tells nobody the name', async () => {
    const taken = await startTestServer()
    const refusing = await startTestServer(({ stream }) => ({ refuse: `no stream ${stream} is expected` }))
    const foreign = (id: string, port: number, streamName: string): PushTarget => ({
      ...target(id, `rtmp://127.0.0.1:${port}/app`, null),
      streamName,
    })
    const refused = foreign('refused', refusing.port, 'live_secret-of-the-refusing')
    const wanted = (version: number, streamName: string) => ({
      ...{ version, peers: [] },
      targets: [refused, foreign('taken', taken.port, streamName)],
    })
    fanOut.set(wanted(1, 'live_first-secret?backup=1'))
    const first = await taken.publication(0)
    expect(first.request.stream).toBe('live_first-secret')
    await expect.poll(() => fanOut.status()[0]!.reason).toContain('is expected')
    expect(JSON.stringify(fanOut.status())).not.toContain('secret')
    fanOut.set(wanted(2, 'live_second-secret'))
    expect((await taken.publication(1)).request.stream).toBe('live_second-secret')
    await first.ended
    await Promise.all([taken.close(), refusing.close()])
  })
})
