import { SAMPLE_RATE } from '../../../media/timeline.ts'
import { endlessWavHead } from '../../../media/wav-head.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { createDecodeChain } from '../decode/decode-chain.ts'
import type { FeedWriter } from '../feeds/sender.ts'
import { floatsOfPcm } from './pieces.ts'

/** A studio page's PCM on its way into its feed. */
export type PageSound = {
  /** Interleaved 16-bit PCM of the page's rate and channels. */
  push(pcm: Buffer): void
  /** Resolves when all that was pushed is in the feed. */
  finish(): Promise<void>
}

/** At the station's own rate nothing stands in between; a browser that can't give that has its sound resampled by a decoder. */
export function openPageSound(options: {
  sampleRate: number
  channels: 1 | 2
  writer: FeedWriter
  processes: Processes
  clock: Clock
  log: Logger
  failed(reason: string): void
}): PageSound {
  const { sampleRate, channels, writer } = options
  if (sampleRate === SAMPLE_RATE)
    return { push: (pcm) => writer.pcm(floatsOfPcm(pcm, channels)), finish: () => Promise.resolve() }
  const chain = createDecodeChain({
    ...options,
    pcm: (samples) => writer.pcm(samples),
    trouble: (sentence) => writer.problem('decoder', sentence),
  })
  chain.begin('wav', endlessWavHead(sampleRate, channels))
  return { push: (pcm) => chain.write(pcm), finish: () => chain.finish() }
}
