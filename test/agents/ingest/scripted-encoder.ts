import type { AmfValue } from '../../../media/rtmp/amf0.ts'
import { openRtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { silentLog, systemClock } from '../../platform/rtmp/receiving-server.ts'
import { audioTagsOfFlv, runToEnd } from '../../platform/rtmp/tools.ts'

/** Audio message bodies of a tone, the sequence header first where there is one. */
export async function bodiesOfTone(
  path: string,
  frequency: number,
  coding: readonly string[],
  seconds = 1,
): Promise<Buffer[]> {
  const source = ['-f', 'lavfi', '-i', `aevalsrc=0.3*sin(${frequency}*2*PI*t):s=48000:d=${seconds}`]
  await runToEnd('ffmpeg', ['-v', 'error', '-y', ...source, ...coding, '-f', 'flv', path])
  return (await audioTagsOfFlv(path)).map(({ body }) => body)
}

/** An encoder that sends what a test tells it, with the timestamps that a test tells it. */
export async function connectEncoder(port: number, stream: string) {
  const publisher = openRtmpPublisher({
    url: `rtmp://127.0.0.1:${port}/live`,
    stream,
    clock: systemClock,
    log: silentLog,
    queueBytesMax: 4_000_000,
  })
  await publisher.ready
  let sent = 0
  return {
    closed: publisher.closed,
    /** Without a function, timestamps are those of AAC at 48 kHz. */
    send(bodies: readonly Buffer[], timestampOf = (index: number): number => Math.round((index * 64) / 3)): void {
      for (const body of bodies)
        if (!publisher.audio(timestampOf(sent++), body)) throw new Error('the encoder could not send')
    },
    tell: (name: string, values: AmfValue[]): boolean => publisher.data(0, name, values),
    goodbye: (): Promise<void> => publisher.close(),
  }
}
