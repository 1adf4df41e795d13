import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type Decoder, type DecoderEnd, startDecoder } from './decoder.ts'

export type DecodeChain = {
  /**
   * From here on it is another stream: what was written before is decoded to its end first. `head` is what a decoder must see before it can
   * begin anywhere in the stream.
   */
  begin(demuxer: string | null, head: Buffer): void
  /** A unit of the stream, whole as far as the format has units. Never waits. */
  write(unit: Buffer): void
  /** Bytes that the decoder has not read yet: a sender that can be held back is held back by them. */
  waitingBytes(): number
  /** Resolves when all is decoded and handed out, at the latest after the limit. */
  finish(): Promise<void>
  /** Ends it at once; nothing more is handed out. */
  kill(): void
}

type Stage = {
  demuxer: string | null
  head: Buffer
  decoder: Decoder | null
  /** Written since the last sound came out: a decoder that takes over is given these once more. */
  unheard: Buffer[]
  unheardBytes: number
  hasSounded: boolean
  isFinishing: boolean
  /** What the stage has given while an older one was not done. */
  early: Buffer[]
  earlyBytes: number
}

const MINUTE_MS = 60_000
const STAGES_MAX = 4
/** A stage with so much sound in hand (5 s) waits no longer for an older one to end. */
const EARLY_BYTES_MAX = 5 * 48_000 * 8

/**
 * One sender's decoders, one after the other: another one whenever the stream changes, and whenever one dies or hangs. What comes out is in
 * order, whatever they do.
 */
export function createDecodeChain(options: {
  processes: Processes
  clock: Clock
  log: Logger
  pcm(samples: Buffer): void
  /** What a person should know about this connection's sound. */
  trouble(sentence: string): void
  /** A decoder has died or hung; the chain goes on. */
  decoderFailed?(): void
  /** Decoders fail again and again: the sender's stream can't be decoded. Nothing comes after it. */
  failed(reason: string): void
}): DecodeChain {
  const { clock, log } = options
  const stages: Stage[] = []
  let failedAtMs: number[] = []
  let isOver = false
  let done: () => void = () => {}

  function start(stage: Stage): Decoder {
    const decoder = startDecoder({
      input: { demuxer: stage.demuxer },
      processes: options.processes,
      clock,
      pcm: (samples) => heard(stage, samples),
      ended: (end) => ended(stage, end),
    })
    stage.decoder = decoder
    if (stage.head.length > 0) decoder.write(stage.head)
    return decoder
  }

  function heard(stage: Stage, samples: Buffer): void {
    stage.unheard.length = 0
    stage.unheardBytes = 0
    stage.hasSounded = true
    if (stage === stages[0]) {
      options.pcm(samples)
      return
    }
    stage.early.push(Buffer.from(samples))
    stage.earlyBytes += samples.length
    if (stage.earlyBytes < EARLY_BYTES_MAX) return
    stages[0]!.decoder?.kill()
    next(stages[0]!)
  }

  function ended(stage: Stage, end: DecoderEnd): void {
    stage.decoder = null
    if (end.outcome === 'failed' || !stage.isFinishing) {
      log.warn({ reason: end.reason }, 'a live decoder failed')
      options.decoderFailed?.()
      const nowMs = clock.monotonicMs()
      failedAtMs = [...failedAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS), nowMs]
      if (failedAtMs.length >= INGEST_LIMITS.decoderFailuresMax) {
        kill()
        options.failed(`What is sent can’t be decoded: ${end.reason}`)
        return
      }
    }
    if (!stage.isFinishing) replace(stage, end.reason)
    else if (end.outcome === 'failed' && stage.hasSounded && stage.unheard.length > 0) {
      // It was lost with something still in it, which another one decodes to its end.
      replace(stage, end.reason).finish()
    } else if (stage === stages[0]) next(stage)
  }

  function replace(stage: Stage, reason: string): Decoder {
    options.trouble(`The decoder was replaced: ${reason}.`)
    // What no decoder made a sound of may be what kills them.
    const again = stage.hasSounded ? stage.unheard.splice(0) : []
    stage.unheard = []
    stage.unheardBytes = 0
    stage.hasSounded = false
    const decoder = start(stage)
    for (const unit of again) feed(stage, unit)
    return decoder
  }

  /** The oldest stage is done: the next one is heard. */
  function next(stage: Stage): void {
    stages.splice(stages.indexOf(stage), 1)
    const first = stages[0]
    if (!first) {
      done()
      return
    }
    for (const samples of first.early.splice(0)) options.pcm(samples)
    first.earlyBytes = 0
    if (first.isFinishing && first.decoder === null) next(first)
  }

  function feed(stage: Stage, unit: Buffer): void {
    stage.unheard.push(unit)
    stage.unheardBytes += unit.length
    while (stage.unheardBytes > INGEST_LIMITS.decoderBytesWaitingMax / 2)
      stage.unheardBytes -= stage.unheard.shift()!.length
    if (stage.decoder?.write(unit) === false)
      options.trouble('The decoder is too slow: parts of the sound are missing.')
  }

  function endLast(): void {
    const last = stages.at(-1)
    if (!last || last.isFinishing) return
    last.isFinishing = true
    last.decoder?.finish()
  }

  function kill(): void {
    isOver = true
    for (const stage of stages.splice(0)) stage.decoder?.kill()
    done()
  }

  return {
    begin(demuxer, head) {
      if (isOver) return
      endLast()
      // More changes than decoders can follow: those in the middle are given up.
      while (stages.length >= STAGES_MAX) stages.splice(1, 1)[0]!.decoder?.kill()
      const stage: Stage = {
        demuxer,
        head,
        decoder: null,
        unheard: [],
        unheardBytes: 0,
        hasSounded: false,
        isFinishing: false,
        early: [],
        earlyBytes: 0,
      }
      stages.push(stage)
      start(stage)
    },
    write(unit) {
      const last = stages.at(-1)
      if (last && !isOver && !last.isFinishing) feed(last, unit)
    },
    waitingBytes: () => stages.at(-1)?.decoder?.waitingBytes() ?? 0,
    finish() {
      endLast()
      if (stages.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        done = resolve
      })
    },
    kill,
  }
}
