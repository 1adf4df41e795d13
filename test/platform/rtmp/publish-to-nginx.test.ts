import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audioSpecificConfig } from '../../../media/adts.ts'
import { aacSequenceHeaderBody, parseFlvAudio } from '../../../media/flv-audio.ts'
import { type ClientEvent, RtmpClientSession } from '../../../media/rtmp/client-session.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { openRtmpPublisher, type RtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { startNginxRtmp } from './nginx-rtmp.ts'
import { silentLog, systemClock } from './receiving-server.ts'
import { audioTagsOfFlv, makeToneFlv, run, runToEnd, temporaryFolder } from './tools.ts'

/** rtmpdump ends no live stream by itself; so much is two seconds. */
const DUMPED_KB = 16

describe('our publisher into nginx-rtmp', { timeout: 20_000 }, () => {
  const folder = temporaryFolder()
  let nginx: Awaited<ReturnType<typeof startNginxRtmp>>
  beforeAll(async () => {
    nginx = await startNginxRtmp(folder)
    await makeToneFlv(folder.path('tone.flv'))
  })
  afterAll(async () => {
    await nginx?.stop()
    folder.remove()
  })

  // The second row starts 1 s before 2^24 ms: players then meet the extended timestamp in mid-stream.
  for (const { name, fromMs } of [
    { name: 'from 0', fromMs: 0 },
    { name: 'through 2^24 ms', fromMs: 0x1_00_00_00 - 1_000 },
  ])
    it(`is played by ffmpeg and rtmpdump frame by frame, timestamps ${name}`, async () => {
      const url = `rtmp://127.0.0.1:${nginx.port}/live`
      const stream = `high-${fromMs}`
      const frames = (await audioTagsOfFlv(folder.path('tone.flv'))).filter(
        ({ body }) => parseFlvAudio(body).kind === 'aac-frame',
      )
      const publisher = openRtmpPublisher({ url, stream, clock: systemClock, log: silentLog })
      await publisher.ready
      const ffmpeg = run('ffmpeg', [
        ...['-v', 'debug', '-analyzeduration', '500000', '-i', `${url}/${stream}`],
        ...['-t', '2', '-c', 'copy', '-f', 'flv', folder.path(`ffmpeg-${fromMs}.flv`)],
      ])
      const dump = folder.path(`rtmpdump-${fromMs}.flv`)
      const rtmpdump = run('rtmpdump', ['--live', '-r', `${url}/${stream}`, '-o', dump])
      let stop = (): void => {}
      try {
        await ffmpeg.said((output) => output.includes('Sending play command'))
        await rtmpdump.said((output) => output.includes('Starting Live Stream'))
        stop = publishRound(publisher, frames, fromMs)
        expect(await ffmpeg.done).toMatchObject({ code: 0 })
        await rtmpdump.said((output) => Number(/.*?([\d.]+) kB/s.exec(output.slice(-80))?.[1] ?? 0) > DUMPED_KB)
        rtmpdump.child.kill('SIGINT')
        await rtmpdump.done
      } finally {
        await ffmpeg.kill()
        await rtmpdump.kill()
        stop()
        await publisher.close()
      }
      for (const player of ['ffmpeg', 'rtmpdump']) {
        const file = folder.path(`${player}-${fromMs}.flv`)
        const played = (await audioTagsOfFlv(file)).filter(({ body }) => parseFlvAudio(body).kind === 'aac-frame')
        expect(played.length).toBeGreaterThan(80)
        expectConsecutive(played, frames)
        const probed = await runToEnd('ffprobe', [
          '-v',
          'error',
          '-show_entries',
          'stream=codec_name,sample_rate,channels',
          '-of',
          'csv=p=0',
          file,
        ])
        expect(probed.trim()).toBe('aac,48000,2')
        expect(await runToEnd('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-'])).toBe('')
      }
    })

  for (const handshake of ['digest-first', 'digest-second'] as const)
    it(`is let in after a signed handshake too (${handshake})`, async () => {
      const session = new RtmpClientSession({
        application: 'live',
        tcUrl: `rtmp://127.0.0.1:${nginx.port}/live`,
        stream: handshake,
        limits: RTMP_LIMITS,
        random: randomBytes,
        handshake,
      })
      const socket = connect(nginx.port, '127.0.0.1', () => socket.write(session.takeOutput()!))
      try {
        const [event] = await new Promise<ClientEvent[]>((resolve, reject) => {
          socket.once('error', reject)
          socket.on('data', (bytes: Buffer) => {
            const events = session.receive(bytes)
            const answer = session.takeOutput()
            if (answer) socket.write(answer)
            if (events.length > 0) resolve(events)
          })
        })
        expect(event).toEqual({ type: 'publishing' })
      } finally {
        socket.destroy()
      }
    })

  it('learns from nginx that the application does not exist', async () => {
    const url = `rtmp://127.0.0.1:${nginx.port}/nowhere`
    const publisher = openRtmpPublisher({ url, stream: 'high', clock: systemClock, log: silentLog })
    await expect(publisher.ready).rejects.toThrow(/closed|refused|broke/)
    expect(publisher.state).toBe('closed')
  })
})

/** Publishes the frames round and round, four times as fast as they sound; timestamps as playout makes them. */
function publishRound(publisher: RtmpPublisher, frames: readonly { body: Buffer }[], fromMs: number): () => void {
  publisher.data(fromMs, 'onMetaData', [{ audiocodecid: 10, audiosamplerate: 48_000, stereo: true }])
  publisher.audio(fromMs, aacSequenceHeaderBody(audioSpecificConfig(2)))
  let sent = 0
  return systemClock.every(5, () => {
    publisher.audio(fromMs + Math.round((sent * 64) / 3), frames[sent % frames.length]!.body)
    sent += 1
  })
}

/** Each played frame is the one that follows the frame before it, 21 or 22 ms later. */
function expectConsecutive(played: { timestampMs: number; body: Buffer }[], frames: readonly { body: Buffer }[]): void {
  const first = frames.findIndex(({ body }) => body.equals(played[0]!.body))
  expect(first).toBeGreaterThanOrEqual(0)
  for (const [index, frame] of played.entries()) {
    expect(frame.body.equals(frames[(first + index) % frames.length]!.body)).toBe(true)
    if (index > 0) expect([21, 22]).toContain(frame.timestampMs - played[index - 1]!.timestampMs)
  }
}
