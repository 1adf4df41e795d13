import type { Socket } from 'node:net'
import { FormatError } from '../../../media/format-error.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import { decodeTitleText } from '../../../media/title-text.ts'
import type { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import { createDecodeChain, type DecodeChain } from '../decode/decode-chain.ts'
import { BYTES_PER_PAIR } from '../feeds/pcm-ring.ts'
import type { FeedWriter } from '../feeds/sender.ts'
import { SOCKET_LIMITS } from '../limits.ts'
import { answer, CONTINUE, NO_SOURCE, TAKEN, TITLE_TAKEN } from './answers.ts'
import { type BodyReader, bodyReaderFor } from './body-reader.ts'
import { formatOf } from './format.ts'
import type { IcecastOptions } from './icecast.ts'
import { parseRequestHead, type RequestHead } from './request-head.ts'
import { SourceStream } from './source-stream.ts'
import { verdictOn } from './verdict.ts'

type ConnectionOptions = IcecastOptions & {
  socket: Socket
  remoteAddress: string
  quiet: QuietLog
  /** False: that key sends nothing. */
  setTitle(keyId: string, title: string): boolean
  /** By key: connections that are over, while the last of their sound is decoded. Who comes back at once waits for it. */
  leaving: Map<string, Promise<void>>
}

type Source = {
  keyId: string
  body: BodyReader
  stream: SourceStream
  chain: DecodeChain
  writer: FeedWriter
  /** An answer is owed at the end, for the head was answered with `100 Continue` only. */
  owesAnswer: boolean
  sinceMs: number
  decodedBytes: number
}

const LOOK_MS = 50

/** One accepted socket: a request's head, and then media until it ends. */
export class SourceConnection {
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  #head: Buffer = Buffer.alloc(0)
  #source: Source | null = null
  #isOver = false
  #heardMs: number
  #cancelDeadline: () => void
  #stopLooking: () => void = () => {}

  constructor(options: ConnectionOptions) {
    const { socket, clock } = options
    this.#options = options
    this.#socket = socket
    this.#heardMs = clock.monotonicMs()
    this.#cancelDeadline = clock.after(SOCKET_LIMITS.headMs, () =>
      this.#refuse(408, `no request within ${SOCKET_LIMITS.headMs} ms`, 'icecast-head-timeout'),
    )
    socket.on('data', (bytes: Buffer) => this.#received(bytes))
    socket.once('end', () => this.#finished())
    socket.on('error', (error) => void this.#leave(false, `The connection broke: ${error.message}.`))
    socket.once('close', () => {
      this.#cancelDeadline()
      void this.#leave(false, 'The connection broke.')
    })
  }

  sendsFor(keyId: string): boolean {
    return this.#source?.keyId === keyId
  }

  setTitle(title: string): void {
    this.#source?.writer.title(title)
  }

  /** The protocol has no word for it: an encoder sees its connection closed. */
  drop(reason: string): void {
    void this.#leave(true, reason)
    this.#farewell('')
  }

  #received(bytes: Buffer): void {
    if (this.#isOver) return
    this.#guarded(() => {
      if (this.#source) this.#media(this.#source, bytes)
      else this.#readHead(bytes)
    })
  }

  /** What the peer did wrong costs its connection; anything else is a defect of ours. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      const { quiet, remoteAddress } = this.#options
      quiet.warn('icecast-format', { remoteAddress }, `Icecast source from ${remoteAddress}: ${error.message}`)
      void this.#leave(false, `What was sent is no Icecast source: ${error.message}.`)
      this.#farewell(answer(400, error.message))
    }
  }

  #readHead(bytes: Buffer): void {
    this.#head = this.#head.length > 0 ? Buffer.concat([this.#head, bytes]) : bytes
    const head = parseRequestHead(this.#head.subarray(0, SOCKET_LIMITS.headBytesMax))
    if (!head) {
      if (this.#head.length >= SOCKET_LIMITS.headBytesMax)
        this.#refuse(431, `a request's head of more than ${SOCKET_LIMITS.headBytesMax} bytes`, 'icecast-head-size')
      return
    }
    const rest = this.#head.subarray(head.lengthBytes)
    this.#head = Buffer.alloc(0)
    this.#cancelDeadline()
    this.#take(head, rest)
  }

  #take(head: RequestHead, rest: Buffer): void {
    const { grants, clock, setTitle } = this.#options
    const verdict = verdictOn(head, grants(), clock.wallMs())
    switch (verdict.is) {
      case 'source':
        this.#beginInTurn(head, rest, verdict.keyId)
        break
      case 'title':
        this.#farewell(setTitle(verdict.keyId, verdict.title) ? TITLE_TAKEN : NO_SOURCE)
        break
      case 'question':
        this.#farewell(answer(verdict.status, verdict.reason))
        break
      case 'stranger':
        this.#refuse(401, verdict.reason, 'icecast-key')
    }
  }

  #beginInTurn(head: RequestHead, rest: Buffer, keyId: string): void {
    const left = this.#options.leaving.get(keyId)
    if (!left) {
      this.#begin(head, rest, keyId)
      return
    }
    this.#socket.pause()
    void left.then(() => {
      this.#socket.resume()
      if (!this.#isOver) this.#guarded(() => this.#begin(head, rest, keyId))
    })
  }

  #begin(head: RequestHead, rest: Buffer, keyId: string): void {
    const { feeds, remoteAddress } = this.#options
    const body = bodyReaderFor(head)
    const opened = feeds.open({
      keyId,
      source: 'icecast',
      remoteAddress,
      format: formatOf(head),
      drop: (reason) => this.drop(reason),
    })
    if ('writer' in opened) this.#follow(keyId, head, body, opened.writer, rest)
    else this.#refuse(403, opened.refuse, null)
  }

  #follow(keyId: string, head: RequestHead, body: BodyReader, writer: FeedWriter, rest: Buffer): void {
    const { clock } = this.#options
    const chain = this.#newChain(writer)
    const onTitle = (title: string): void => writer.title(title)
    const owesAnswer = /100-continue/i.test(head.headers.get('expect') ?? '')
    const source = {
      keyId,
      body,
      chain,
      writer,
      stream: new SourceStream({ contentType: head.headers.get('content-type') ?? '', chain, onTitle }),
      owesAnswer,
      sinceMs: clock.monotonicMs(),
      decodedBytes: 0,
    }
    this.#source = source
    const name = decodeTitleText(Buffer.from(head.headers.get('ice-name') ?? '', 'latin1'))
    if (name !== '') writer.title(name)
    this.#socket.write(owesAnswer ? CONTINUE : TAKEN)
    this.#stopLooking = clock.every(LOOK_MS, () => this.#look(source))
    this.#heardMs = clock.monotonicMs()
    if (rest.length > 0) this.#media(source, rest)
  }

  #newChain(writer: FeedWriter): DecodeChain {
    const { processes, clock, log } = this.#options
    return createDecodeChain({
      processes,
      clock,
      log,
      pcm: (samples) => {
        if (this.#source) this.#source.decodedBytes += samples.length
        writer.pcm(samples)
      },
      trouble: (sentence) => writer.problem('decoder', sentence),
      failed: (reason) => {
        void this.#leave(false, reason)
        this.#farewell('')
      },
    })
  }

  #media(source: Source, bytes: Buffer): void {
    const parts = source.body.push(bytes)
    if (parts.length > 0) {
      this.#heardMs = this.#options.clock.monotonicMs()
      source.writer.heard()
    }
    for (const part of parts) source.stream.push(part)
    if (source.body.isComplete()) void this.#goodbye()
    else if (this.#isTooFast(source)) this.#socket.pause()
  }

  /** A file sent as fast as the network carries it would run over the feed's memory: it is read at the pace of sound. */
  #isTooFast({ chain, decodedBytes, sinceMs }: Source): boolean {
    const decodedMs = (decodedBytes / BYTES_PER_PAIR / SAMPLE_RATE) * 1000
    const aheadMs = decodedMs - (this.#options.clock.monotonicMs() - sinceMs)
    return chain.waitingBytes() > SOCKET_LIMITS.waitingBytesMax || aheadMs > SOCKET_LIMITS.aheadMsMax
  }

  #look(source: Source): void {
    if (this.#socket.isPaused()) {
      if (!this.#isTooFast(source)) this.#socket.resume()
      return
    }
    const silentMs = this.#options.clock.monotonicMs() - this.#heardMs
    if (silentMs < SOCKET_LIMITS.idleMs) return
    void this.#leave(false, `Nothing came for ${Math.round(silentMs / 1000)} s.`)
    this.#socket.destroy()
  }

  /**
   * The sender's side of the connection is closed. An encoder that is stopped by its user does this, and so does the system of an encoder
   * that was killed: nobody can tell them apart, unless the stream has said that it is over. Listeners hear the same in both cases: all
   * that was sent, down to the last word, and then the programme. But an anchor whose encoder crashed wants to be on air again as soon as
   * it is back, so this counts as lost; of one who stopped on purpose nothing is left after the grace time.
   */
  #finished(): void {
    if (this.#source?.stream.isEnded()) void this.#goodbye()
    else {
      const gone = this.#leave(false, 'The encoder closed the connection without saying that the show is over.')
      void gone.then(() => this.#farewell(''))
    }
  }

  async #goodbye(): Promise<void> {
    const owesAnswer = this.#source?.owesAnswer ?? false
    await this.#leave(true, 'The encoder said goodbye.')
    this.#farewell(owesAnswer ? answer(200, 'OK') : '')
  }

  /** What was sent before is decoded first. */
  async #leave(declared: boolean, reason: string): Promise<void> {
    const source = this.#source
    this.#isOver = true
    this.#stopLooking()
    if (!source) return
    this.#source = null
    const { keyId, chain, writer } = source
    const { leaving } = this.#options
    const left = chain.finish().then(() => {
      if (leaving.get(keyId) === left) leaving.delete(keyId)
      if (declared) writer.end(reason)
      else writer.lost(reason)
    })
    leaving.set(keyId, left)
    await left
  }

  #refuse(status: number, reason: string, kind: string | null): void {
    const { quiet, remoteAddress } = this.#options
    if (kind !== null) quiet.warn(kind, { remoteAddress }, `Icecast source from ${remoteAddress} refused: ${reason}`)
    this.#farewell(answer(status, reason))
  }

  /**
   * From here on nothing that the peer sends reaches anyone. It has a moment to read our last words: a socket destroyed with unread bytes in
   * it is reset, and the peer would lose them.
   */
  #farewell(lastWords: string): void {
    this.#isOver = true
    this.#stopLooking()
    this.#cancelDeadline()
    if (this.#socket.destroyed) return
    if (this.#socket.writable) this.#socket.end(lastWords)
    this.#socket.resume()
    this.#cancelDeadline = this.#options.clock.after(SOCKET_LIMITS.lingerMs, () => this.#socket.destroy())
  }
}
