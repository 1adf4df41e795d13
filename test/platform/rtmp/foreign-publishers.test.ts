import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFlvAudio } from '../../../media/flv-audio.ts'
import { startTestServer } from './receiving-server.ts'
import { audioTagsOfFlv, makeToneFlv, run, runToEnd, temporaryFolder } from './tools.ts'

/** Three seconds that cross the boundary of 2^24 ms, where extended timestamps begin. */
const BEFORE_EXTENDED_SECONDS = 16_776

const publishers = {
  ffmpeg: (file: string, url: string) => [
    'ffmpeg',
    '-v',
    'error',
    '-i',
    file,
    '-c',
    'copy',
    '-copyts',
    '-f',
    'flv',
    url,
  ],
  "librtmp, which is rtmpdump's library": (file: string, url: string) => [
    'gst-launch-1.0',
    '-q',
    'filesrc',
    `location=${file}`,
    '!',
    'rtmpsink',
    `location=${url}`,
  ],
  'gstreamer’s own client': (file: string, url: string) => [
    'gst-launch-1.0',
    '-q',
    'filesrc',
    `location=${file}`,
    '!',
    'flvdemux',
    '!',
    'aacparse',
    '!',
    'flvmux',
    'streamable=true',
    '!',
    'rtmp2sink',
    'async=false',
    'sync=false',
    `location=${url}`,
  ],
}

describe('encoders of others publish into our server', { timeout: 20_000 }, () => {
  const folder = temporaryFolder()
  beforeAll(async () => {
    await makeToneFlv(folder.path('tone.flv'))
    await makeToneFlv(folder.path('late.flv'), BEFORE_EXTENDED_SECONDS)
  })
  afterAll(() => folder.remove())

  for (const [name, command] of Object.entries(publishers)) {
    it(`${name}: each frame arrives unchanged, in order`, async () => {
      const server = await startTestServer()
      try {
        const [program, ...args] = command(
          folder.path('tone.flv'),
          `rtmp://127.0.0.1:${server.port}/live/high?key=secret`,
        )
        await runToEnd(program!, args)
        const publication = await server.publication(0)
        await publication.ended
        expect(publication.request).toMatchObject({ application: 'live', stream: 'high' })
        expect(publication.request.query.get('key')).toBe('secret')
        const sent = await audioTagsOfFlv(folder.path('tone.flv'))
        expect(unitsOf(sent).length).toBeGreaterThan(140)
        const frames = unitsOf(publication.audio)
        expect(frames.map(({ hex }) => hex)).toEqual(unitsOf(sent).map(({ hex }) => hex))
        expect(parseFlvAudio(publication.audio[0]!.body)).toMatchObject({
          kind: 'aac-config',
          config: { objectType: 2, sampleRate: 48_000, channels: 2, sbr: false },
        })
      } finally {
        await server.close()
      }
    })
  }

  for (const name of ['ffmpeg', "librtmp, which is rtmpdump's library"] as const) {
    it(`${name}: timestamps rise on through 2^24 ms`, async () => {
      const server = await startTestServer()
      try {
        const [program, ...args] = publishers[name](
          folder.path('late.flv'),
          `rtmp://127.0.0.1:${server.port}/live/high`,
        )
        await runToEnd(program!, args)
        const publication = await server.publication(0)
        await publication.ended
        const sent = await audioTagsOfFlv(folder.path('late.flv'))
        expect(sent.at(-1)!.timestampMs).toBeGreaterThan(0x1_00_00_00)
        expect(unitsOf(publication.audio)).toEqual(unitsOf(sent))
      } finally {
        await server.close()
      }
    })
  }

  it('ffmpeg, whose FLV timestamps have 31 bits: they rise on where it begins again at 0', async () => {
    const server = await startTestServer()
    try {
      const url = `rtmp://127.0.0.1:${server.port}/live/high`
      const offset = ['-output_ts_offset', String(0x8000_0000 / 1000 - 1)]
      await runToEnd('ffmpeg', [
        '-v',
        'error',
        '-i',
        folder.path('tone.flv'),
        '-c',
        'copy',
        ...offset,
        '-f',
        'flv',
        url,
      ])
      const publication = await server.publication(0)
      await publication.ended
      const heard = unitsOf(publication.audio).map(({ timestampMs }) => timestampMs)
      expect(heard[0]).toBeLessThan(0x8000_0000)
      expect(heard.at(-1)).toBeGreaterThan(0x8000_0000)
      const steps = heard.slice(1).map((timestampMs, index) => timestampMs - heard[index]!)
      expect(new Set(steps)).toEqual(new Set([21, 22]))
    } finally {
      await server.close()
    }
  })

  it('rtmpdump and ffmpeg as players are turned away at once, and the server stands', async () => {
    const server = await startTestServer()
    try {
      const url = `rtmp://127.0.0.1:${server.port}/live/high`
      const players = [
        run('rtmpdump', ['--live', '-m', '5', '-r', url, '-o', folder.path('refused.flv')]),
        run('ffmpeg', ['-v', 'error', '-i', url, '-f', 'null', '-']),
      ]
      const [rtmpdump, ffmpeg] = await Promise.all(players.map(({ done }) => done))
      expect(rtmpdump).toMatchObject({ code: 1, output: expect.stringContaining('NetStream.Play.Failed') })
      expect(ffmpeg).toMatchObject({ code: 1, output: expect.stringContaining('This address takes publishers only.') })
      expect(server.publications).toHaveLength(0)
    } finally {
      await server.close()
    }
  })
})

/** The frames among the tags, without repeated configurations (each encoder repeats them as it likes). */
function unitsOf(tags: readonly { timestampMs: number; body: Buffer }[]): { timestampMs: number; hex: string }[] {
  return tags
    .filter(({ body }) => parseFlvAudio(body).kind === 'aac-frame')
    .map(({ timestampMs, body }) => ({ timestampMs, hex: body.toString('hex') }))
}
