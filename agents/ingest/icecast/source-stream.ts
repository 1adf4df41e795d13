import { titleOfOggHeader } from '../../../media/ogg-comments.ts'
import { OggPages } from '../../../media/ogg-pages.ts'
import { sniffAudio } from '../../../media/sniff-audio.ts'
import type { DecodeChain } from '../decode/decode-chain.ts'

const SNIFFED_BYTES = 4
/** Vorbis headers with a large picture are cut here: a decoder needs no picture. */
const HEADER_BYTES_MAX = 131_072

/** ffmpeg's demuxers by content type; what is not here, ffmpeg finds out. */
const DEMUXERS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/x-mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/aacp': 'aac',
  'audio/x-aac': 'aac',
  'application/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'audio/opus': 'ogg',
  'audio/flac': 'flac',
  'audio/webm': 'matroska',
  'audio/x-matroska': 'matroska',
}

/** The media of one source on its way to the decoders. */
export class SourceStream {
  readonly #chain: DecodeChain
  readonly #announced: string | null
  readonly #onTitle: (title: string) => void
  #first: Buffer | null = Buffer.alloc(0)
  #ogg: OggStream | null = null

  constructor(options: { contentType: string; chain: DecodeChain; onTitle(title: string): void }) {
    this.#chain = options.chain
    this.#onTitle = options.onTitle
    const type = options.contentType.split(';')[0]!.trim().toLowerCase()
    this.#announced = DEMUXERS[type] ?? null
  }

  push(bytes: Buffer): void {
    if (this.#first) {
      const first = Buffer.concat([this.#first, bytes])
      this.#first = first.length < SNIFFED_BYTES ? first : null
      if (this.#first) return
      this.#begin(first)
    } else this.#pass(bytes)
  }

  /** The stream has said itself that it is over. */
  isEnded(): boolean {
    return this.#ogg?.isEnded ?? false
  }

  #begin(first: Buffer): void {
    const demuxer = sniffAudio(first) ?? this.#announced
    if (demuxer === 'ogg') this.#ogg = new OggStream(this.#chain, this.#onTitle)
    else this.#chain.begin(demuxer, Buffer.alloc(0))
    this.#pass(first)
  }

  #pass(bytes: Buffer): void {
    if (this.#ogg) this.#ogg.push(bytes)
    else this.#chain.write(bytes)
  }
}

/**
 * An Ogg stream may be a chain of streams, a new one for each title: each has a decoder of its own, which also knows the headers should
 * it have to be replaced.
 */
class OggStream {
  readonly #chain: DecodeChain
  readonly #onTitle: (title: string) => void
  readonly #pages = new OggPages()
  /** Of the stream that begins; null once it has begun. */
  #header: { pages: Buffer[]; bodies: Buffer[]; bytes: number } | null = null
  isEnded = false

  constructor(chain: DecodeChain, onTitle: (title: string) => void) {
    this.#chain = chain
    this.#onTitle = onTitle
  }

  push(bytes: Buffer): void {
    for (const { bytes: page, body, isFirst, isLast, isHeader } of this.#pages.push(bytes)) {
      this.isEnded = isLast
      if (isFirst) this.#header ??= { pages: [], bodies: [], bytes: 0 }
      if (this.#header && isHeader && this.#header.bytes + page.length <= HEADER_BYTES_MAX) {
        this.#header.pages.push(page)
        this.#header.bodies.push(body)
        this.#header.bytes += page.length
        continue
      }
      if (this.#header) this.#begin(this.#header)
      this.#header = null
      this.#chain.write(page)
    }
  }

  #begin({ pages, bodies }: { pages: Buffer[]; bodies: Buffer[] }): void {
    this.#chain.begin('ogg', Buffer.concat(pages))
    const title = titleOfOggHeader(Buffer.concat(bodies))
    if (title !== '') this.#onTitle(title)
  }
}
