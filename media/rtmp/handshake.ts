import {
  type DigestLayout,
  findDigest,
  PACKET_BYTES,
  provesDigest,
  signAnswer,
  signPacket,
} from './handshake-digest.ts'
import { RtmpError } from './rtmp-error.ts'

export type RandomBytes = (length: number) => Buffer

/** What arrived and what is to be sent; `rest` is not null once the handshake is done: bytes of the first chunks. */
export type HandshakeStep = { send: Buffer[]; rest: Buffer | null }

const VERSION = 3
/** Versions that tell the other side that we sign our packets; any non-zero version does. */
const SIGNING_VERSION = { client: 0x80000702, server: 0x04050001 }

/** Collects exactly so many bytes at a time, so that a handshake never holds more than one packet. */
class Collector {
  readonly #bytes = Buffer.allocUnsafe(1 + 2 * PACKET_BYTES)
  #length = 0

  /** Takes up to `wanted` bytes in all; answers what was left over, or null while more are needed. */
  collect(input: Buffer, wanted: number): Buffer | null {
    const length = Math.min(wanted - this.#length, input.length)
    input.copy(this.#bytes, this.#length, 0, length)
    this.#length += length
    return this.#length < wanted ? null : input.subarray(length)
  }

  first(): number | undefined {
    return this.#length > 0 ? this.#bytes[0] : undefined
  }

  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }
}

/** The server's side: answers C0 and C1 with S0, S1 and S2, simple or signed as the client is, and swallows C2 whatever it says. */
export class ServerHandshake {
  readonly #random: RandomBytes
  readonly #collector = new Collector()
  #answered = false

  constructor(random: RandomBytes) {
    this.#random = random
  }

  /** Throws an RtmpError of kind `handshake` when the first byte is not RTMP's. */
  receive(input: Buffer): HandshakeStep {
    const send: Buffer[] = []
    let left = input
    if (!this.#answered) {
      const rest = this.#collector.collect(left, 1 + PACKET_BYTES)
      checkVersion(this.#collector.first())
      if (!rest) return { send, rest: null }
      send.push(this.#answer(this.#collector.take().subarray(1)))
      this.#answered = true
      left = rest
    }
    return { send, rest: this.#collector.collect(left, PACKET_BYTES) }
  }

  #answer(c1: Buffer): Buffer {
    const s1 = this.#random(PACKET_BYTES)
    s1.writeUInt32BE(0, 0)
    const signed = c1.readUInt32BE(4) === 0 ? null : findDigest(c1, 'client')
    if (!signed) {
      s1.writeUInt32BE(0, 4)
      return Buffer.concat([Buffer.from([VERSION]), s1, c1])
    }
    s1.writeUInt32BE(SIGNING_VERSION.server, 4)
    signPacket(s1, 'server', signed.layout)
    const s2 = this.#random(PACKET_BYTES)
    signAnswer(s2, 'server', signed.digest)
    return Buffer.concat([Buffer.from([VERSION]), s1, s2])
  }
}

/** The client's side; `simple` unless told to sign, as every server that takes AAC takes it. */
export class ClientHandshake {
  readonly #random: RandomBytes
  readonly #layout: 'simple' | DigestLayout
  readonly #collector = new Collector()
  #digest: Buffer | null = null

  constructor(random: RandomBytes, layout: 'simple' | DigestLayout = 'simple') {
    this.#random = random
    this.#layout = layout
  }

  /** C0 and C1. */
  start(): Buffer {
    const c1 = this.#random(PACKET_BYTES)
    c1.writeUInt32BE(0, 0)
    c1.writeUInt32BE(this.#layout === 'simple' ? 0 : SIGNING_VERSION.client, 4)
    if (this.#layout !== 'simple') this.#digest = signPacket(c1, 'client', this.#layout)
    return Buffer.concat([Buffer.from([VERSION]), c1])
  }

  /** Throws an RtmpError of kind `handshake` on a wrong version, or a signature that does not answer ours. */
  receive(input: Buffer): HandshakeStep {
    const rest = this.#collector.collect(input, 1 + 2 * PACKET_BYTES)
    checkVersion(this.#collector.first())
    if (!rest) return { send: [], rest: null }
    const answer = this.#collector.take()
    const s1 = answer.subarray(1, 1 + PACKET_BYTES)
    const signed = this.#digest ? findDigest(s1, 'server') : null
    // A server that can't sign echoes our packet; then its own is echoed too.
    if (!signed) return { send: [s1], rest }
    if (!provesDigest(answer.subarray(1 + PACKET_BYTES), 'server', this.#digest!))
      throw new RtmpError('handshake', 'the signature of the server does not answer ours')
    const c2 = this.#random(PACKET_BYTES)
    signAnswer(c2, 'client', signed.digest)
    return { send: [c2], rest }
  }
}

function checkVersion(version: number | undefined): void {
  if (version !== undefined && version !== VERSION)
    throw new RtmpError('handshake', `not RTMP: the first byte is ${version}, expected ${VERSION}`)
}
