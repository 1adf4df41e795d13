import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd, temporaryFolder } from '../../platform/rtmp/tools.ts'
import { heard } from './heard.ts'
import { createIngestWorld, type IngestWorld, keyOf } from './world.ts'

const folder = temporaryFolder()
let world: IngestWorld
beforeAll(async () => {
  world = await createIngestWorld()
})
afterAll(async () => {
  await world.end()
  folder.remove()
})

/** A second of a tone, with another one in its first and last 50 ms. */
const SOUND = 'aevalsrc=if(between(t\\,0.05\\,0.95)\\,0.3*sin(400*2*PI*t)\\,0.3*sin(2000*2*PI*t)):s=48000:d=1'
const TONES = { a: 400, B: 2_000 }
/** Both ends may be cut by half a window where the windows don't fall together with the sound. */
const WHOLE = /^\.*B{4,6}a{88,91}B{4,6}\.*$/

const senders: { name: string; coding: string[]; format: string }[] = [
  { name: 'AAC', coding: ['-ar', '48000', '-ac', '2', '-c:a', 'aac'], format: 'AAC-LC, 48 kHz, stereo' },
  { name: 'mono', coding: ['-ar', '44100', '-ac', '1', '-c:a', 'aac'], format: 'AAC-LC, 44.1 kHz, mono' },
  { name: 'a low rate', coding: ['-ar', '22050', '-ac', '2', '-c:a', 'aac'], format: 'AAC-LC, 22.05 kHz, stereo' },
  { name: '5.1', coding: ['-af', 'pan=5.1|FL=c0|FR=c0', '-c:a', 'aac'], format: 'AAC-LC, 48 kHz, 5.1' },
  { name: 'MP3', coding: ['-ar', '44100', '-ac', '2', '-c:a', 'libmp3lame'], format: 'MP3, 44.1 kHz, stereo' },
  { name: 'G.711', coding: ['-ar', '8000', '-ac', '1', '-c:a', 'pcm_mulaw'], format: 'G.711 µ-law' },
]

async function fileOf(name: string, coding: readonly string[]): Promise<string> {
  const file = folder.path(`${name}.flv`)
  const source = ['-f', 'lavfi', '-i', SOUND]
  await runToEnd('ffmpeg', ['-v', 'error', '-y', ...source, ...coding, '-f', 'flv', file])
  return file
}

/** What the newest connection of a key has brought. */
async function heardWhenEnded(keyId: string, connection: number): Promise<{ sound: string; format: string }> {
  const feed = await world.feed(
    keyId,
    (seen) => seen.connection === connection && seen.state === 'ended',
    'the encoder said goodbye',
  )
  return { sound: heard(await world.pcm(feed, feed.connectionFromSample), TONES), format: feed.format }
}

describe('what an encoder sends is decoded from its first sample to its last', { timeout: 20_000 }, () => {
  senders.forEach(({ name, coding, format }, index) => {
    it(name, async () => {
      const file = await fileOf(name, coding)
      await runToEnd('ffmpeg', ['-v', 'error', '-i', file, '-c', 'copy', '-f', 'flv', world.rtmpUrl(keyOf('anna'))])
      const ended = await heardWhenEnded('anna', index + 1)
      expect(ended.format).toBe(format)
      expect(ended.sound).toMatch(WHOLE)
    })
  })

  it('librtmp, which is rtmpdump’s library', async () => {
    const file = await fileOf('librtmp', ['-c:a', 'aac'])
    const url = `${world.rtmpUrl(keyOf('bert'))}`
    await runToEnd('gst-launch-1.0', ['-q', 'filesrc', `location=${file}`, '!', 'rtmpsink', `location=${url}`])
    expect((await heardWhenEnded('bert', 1)).sound).toMatch(WHOLE)
  })

  it('an encoder with a picture: only the sound is taken', async () => {
    const file = folder.path('picture.flv')
    const picture = ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=25:d=1']
    await runToEnd('ffmpeg', [
      '-v',
      'error',
      '-y',
      ...picture,
      '-f',
      'lavfi',
      '-i',
      SOUND,
      '-c:v',
      'flv1',
      '-c:a',
      'aac',
      file,
    ])
    await runToEnd('ffmpeg', ['-v', 'error', '-i', file, '-c', 'copy', '-f', 'flv', world.rtmpUrl(keyOf('bert'))])
    expect((await heardWhenEnded('bert', 2)).sound).toMatch(WHOLE)
  })
})
