import { SAMPLE_RATE } from '../../../media/timeline.ts'
import { printable } from '../../../media/utf8.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Feed } from '../../../schemas/live.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { LevelMeter } from './level-meter.ts'
import { PcmRing } from './pcm-ring.ts'
import { PieceLength } from './piece-length.ts'
import type { FeedWriter, Sender } from './sender.ts'

/** Stereo floats. */
const BYTES_PER_MS = (SAMPLE_RATE * 8) / 1000

/** Made anew for each connection: a writer of an older one is known by it. */
type Connection = { sender: Sender }

/** One key's audio, over all connections of a run. */
export class HeldFeed {
  readonly keyId: string
  readonly run: string
  readonly ring = new PcmRing(INGEST_LIMITS.ringSamples)
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #left: (state: 'ended' | 'lost', reason: string) => void
  readonly #silenceDbfs: () => number
  readonly #readers = new Set<() => void>()
  readonly #meter = new LevelMeter()
  readonly #pieces = new PieceLength()
  readonly #problems = new Map<string, string>()
  #connection: Connection | null = null
  /** Of the present connection, or the last one. */
  #last: Pick<Sender, 'source' | 'remoteAddress' | 'format'> = { source: 'rtmp', remoteAddress: '', format: '' }
  #heardMs: number
  #connections = 0
  #connectionFromSample = 0
  #title = ''
  #state: Feed['state'] = 'lost'
  #reason = ''
  #stateSinceMs: number
  #forgotten = false

  constructor(options: {
    keyId: string
    run: string
    silenceDbfs(): number
    clock: Clock
    changed(): void
    /** Its sender is gone. */
    left(state: 'ended' | 'lost', reason: string): void
  }) {
    this.keyId = options.keyId
    this.run = options.run
    this.#clock = options.clock
    this.#changed = options.changed
    this.#left = options.left
    this.#silenceDbfs = options.silenceDbfs
    this.#heardMs = options.clock.monotonicMs()
    this.#stateSinceMs = this.#heardMs
  }

  get isForgotten(): boolean {
    return this.#forgotten
  }

  /** Who is connected, in words for a person; null when nobody is. */
  get connectedAs(): string | null {
    return this.#connection && `${WORDS[this.#last.source]} from ${this.#last.remoteAddress}`
  }

  heardAgoMs(): number {
    return Math.max(0, this.#clock.monotonicMs() - this.#heardMs)
  }

  stateForMs(): number {
    return Math.max(0, this.#clock.monotonicMs() - this.#stateSinceMs)
  }

  /** The sender takes the feed; one that still held it is dropped. */
  connect(sender: Sender): FeedWriter {
    const before = this.#connection
    const connection = { sender }
    this.#connection = connection
    this.#heardMs = this.#clock.monotonicMs()
    this.#last = { ...sender, format: shown(sender.format) }
    this.#connections += 1
    this.#connectionFromSample = this.ring.newestSample
    this.#problems.clear()
    this.#pieces.reset()
    this.#enter('connected', this.#connections === 1 ? 'It is connected.' : 'It is connected again.')
    before?.sender.drop('Another sender with the same key has taken over: nothing came from here any more.')
    return this.#writerOf(connection)
  }

  #writerOf(connection: Connection): FeedWriter {
    const ifOurs =
      <A extends unknown[]>(act: (...values: A) => void) =>
      (...values: A): void => {
        if (this.#connection === connection) act(...values)
      }
    return {
      pcm: ifOurs((samples: Buffer) => this.#take(samples)),
      heard: ifOurs(() => {
        this.#heardMs = this.#clock.monotonicMs()
      }),
      title: ifOurs((text: string) => {
        this.#title = shown(text)
      }),
      format: ifOurs((text: string) => {
        this.#last.format = shown(text)
      }),
      problem: ifOurs((name: string, sentence: string | null) => this.#note(name, sentence)),
      end: ifOurs((reason: string) => this.#leave('ended', reason)),
      lost: ifOurs((reason: string) => this.#leave('lost', reason)),
    }
  }

  #take(samples: Buffer): void {
    this.#pieces.take(this.#clock.monotonicMs(), samples.length / BYTES_PER_MS)
    this.ring.write(samples, (piece) => this.#meter.take(piece, this.#silenceDbfs()))
    for (const reader of this.#readers) reader()
  }

  #note(name: string, sentence: string | null): void {
    if (sentence === null) this.#problems.delete(name)
    else if (this.#problems.has(name) || this.#problems.size < INGEST_LIMITS.problemsMax)
      this.#problems.set(name, shown(sentence))
  }

  #leave(state: 'ended' | 'lost', reason: string): void {
    this.#connection = null
    this.#enter(state, reason)
    this.#left(state, reason)
  }

  #enter(state: Feed['state'], reason: string): void {
    this.#state = state
    this.#reason = reason
    this.#stateSinceMs = this.#clock.monotonicMs()
    this.#changed()
  }

  /** The station ends the connection: for good, or for the sender to come back. */
  drop(reason: string, state: 'ended' | 'lost'): void {
    const connection = this.#connection
    if (!connection) return
    this.#leave(state, reason)
    connection.sender.drop(reason)
  }

  /** Readers are told that nothing more comes. */
  forget(): void {
    this.#forgotten = true
    for (const reader of [...this.#readers]) reader()
  }

  /** Called whenever there is more audio, and at the end. The answer ends it. */
  onAudio(reader: () => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  get readers(): number {
    return this.#readers.size
  }

  describe(): Feed {
    const { levelDbfs, peakDbfs, silentSamples, soundSamples } = this.#meter
    return {
      keyId: this.keyId,
      run: this.run,
      source: this.#last.source,
      state: this.#state,
      reason: this.#reason,
      stateForMs: Math.round(this.stateForMs()),
      connection: Math.max(1, this.#connections),
      connectionFromSample: this.#connectionFromSample,
      oldestSample: this.ring.oldestSample,
      newestSample: this.ring.newestSample,
      heardAgoMs: Math.round(this.heardAgoMs()),
      pieceMs: this.#pieces.ms,
      levelDbfs,
      peakDbfs,
      silentForMs: (silentSamples * 1000) / SAMPLE_RATE,
      soundForMs: (soundSamples * 1000) / SAMPLE_RATE,
      title: this.#title,
      format: this.#last.format,
      problems: [...this.#problems.values()],
      remoteAddress: this.#last.remoteAddress,
    }
  }
}

const WORDS: Record<Sender['source'], string> = {
  rtmp: 'an RTMP encoder',
  icecast: 'an Icecast source',
  browser: 'a studio page',
  srt: 'an SRT encoder',
  relay: 'a relay',
}

const shown = (text: string): string => printable(text).trim().slice(0, INGEST_LIMITS.textCharactersMax)
