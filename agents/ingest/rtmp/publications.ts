import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import type { RtmpPublicationHandler, RtmpPublishRequest, RtmpRefusal } from '../../../platform/rtmp/server.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import { createDecodeChain } from '../decode/decode-chain.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { grantOfKey } from '../keys.ts'
import { FlvStream } from './flv-stream.ts'
import { titleOfMetadata } from './metadata-title.ts'
import { shownKeyOf } from './shown-key.ts'
import { TimestampWatch } from './timestamp-watch.ts'

/** One block of 1,024 stereo floats. */
const AAC_DELAY_BYTES = 1_024 * 8

export type RtmpPublicationsOptions = {
  feeds: Feeds
  grants(): readonly LiveGrant[]
  /** Asks the control center for the newest grants: a key may be seconds old. */
  news(): Promise<void>
  processes: Processes
  clock: Clock
  log: Logger
  decoderFailed(): void
}

/** Decides about RTMP publishers, and carries their audio through a decoder into their feed. */
export function createRtmpPublications(options: RtmpPublicationsOptions) {
  const { feeds, processes, clock, log } = options
  /** Connections that are over, while the last of their sound is decoded: who comes back at once waits for it. */
  const leaving = new Map<string, Promise<void>>()

  return async function publish(request: RtmpPublishRequest): Promise<RtmpPublicationHandler | RtmpRefusal> {
    const shown = shownKeyOf(request)
    if (shown === null)
      return { refuse: 'Publish to the application "live": rtmp://<this host>/live, with the key as the stream.' }
    let found = grantOfKey(options.grants(), shown, clock.wallMs())
    if ('refuse' in found) {
      await options.news()
      found = grantOfKey(options.grants(), shown, clock.wallMs())
    }
    if ('refuse' in found) return { refuse: found.refuse, code: 'NetStream.Publish.Unauthorized' }
    const { keyId } = found.grant
    await leaving.get(keyId)
    let wasDropped = false
    const opened = feeds.open({
      keyId,
      source: 'rtmp',
      remoteAddress: request.remoteAddress,
      format: '',
      drop(reason) {
        wasDropped = true
        request.end(reason)
      },
    })
    if ('refuse' in opened) return { refuse: opened.refuse }
    const { writer } = opened
    // Its first block is the encoder's own delay: in a run that goes on it would be a hole in the sound.
    const isResumed = (feeds.ofKey(keyId)?.describe().connection ?? 1) > 1
    let delayBytes = 0
    const stream = new FlvStream()
    const watch = new TimestampWatch()
    const chain = createDecodeChain({
      processes,
      clock,
      log,
      pcm(samples) {
        const skipped = Math.min(delayBytes, samples.length)
        delayBytes -= skipped
        if (samples.length > skipped) writer.pcm(samples.subarray(skipped))
      },
      trouble: (sentence) => writer.problem('decoder', sentence),
      decoderFailed: options.decoderFailed,
      failed(reason) {
        writer.lost(reason)
        request.end(reason)
      },
    })

    return {
      audio(timestampMs, body) {
        writer.heard()
        writer.problem('timestamps', watch.take(timestampMs))
        const step = stream.take(body)
        if (step.step === 'begin') {
          delayBytes = isResumed && step.format.startsWith('AAC') ? AAC_DELAY_BYTES : 0
          chain.begin('flv', step.head)
          writer.format(step.format)
          if (step.tag) chain.write(step.tag)
        } else if (step.step === 'sound') {
          chain.write(step.tag)
          writer.problem('audio', null)
        } else if (step.problem !== null) writer.problem('audio', step.problem)
      },
      data(_timestampMs, name, values) {
        const title = titleOfMetadata(name, values)
        if (title !== null) writer.title(title)
      },
      ended(reason, declared) {
        if (wasDropped) return chain.kill()
        const left = chain.finish().then(() => {
          leaving.delete(keyId)
          if (declared) writer.end(reason)
          else writer.lost(reason)
        })
        leaving.set(keyId, left)
      },
    }
  }
}
