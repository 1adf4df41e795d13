import type { Title } from '../schemas/markers.ts'
import { printable, truncateUtf8 } from './utf8.ts'

/** The longest metadata block: its length byte counts sixteens. */
const BLOCK_BYTES_MAX = 255 * 16
/** Sent in answer to `Icy-MetaData: 1`, as the header `icy-metaint`. */
export const ICY_METAINT = 16_000

export type IcyInterleaver = {
  /** From the next metadata block on. Said once; the blocks after it are empty until it changes. */
  setTitle(title: Pick<Title, 'title' | 'artist'>): void
  /** The audio with a metadata block after each `metaint` bytes of it. */
  push(audio: Uint8Array): Buffer
}

/** Shoutcast's in-band titles (the ICY protocol, as its players read it): one for each listener's connection. */
export function createIcyInterleaver(metaint: number): IcyInterleaver {
  let untilBlock = metaint
  let told = ''
  let wanted = ''
  return {
    setTitle(title) {
      wanted = streamTitle(title)
    },
    push(audio) {
      const parts: Uint8Array[] = []
      let at = 0
      while (audio.length - at >= untilBlock) {
        parts.push(audio.subarray(at, at + untilBlock), wanted === told ? EMPTY_BLOCK : metadataBlock(wanted))
        told = wanted
        at += untilBlock
        untilBlock = metaint
      }
      parts.push(audio.subarray(at))
      untilBlock -= audio.length - at
      return Buffer.concat(parts)
    },
  }
}

const EMPTY_BLOCK = Buffer.from([0])

/** `Artist - Title`, as every ICY station says it. The format has no escape for a quote, and `';` ends the text: so a quote becomes ’. */
export function streamTitle({ title, artist }: Pick<Title, 'title' | 'artist'>): string {
  const text = artist === '' ? title : `${artist} - ${title}`
  return printable(text).replaceAll("'", '’')
}

function metadataBlock(title: string): Buffer {
  const fits = truncateUtf8(title, BLOCK_BYTES_MAX - "StreamTitle='';".length)
  const text = Buffer.from(`StreamTitle='${fits}';`, 'utf8')
  const sixteens = Math.ceil(text.length / 16)
  const block = Buffer.alloc(1 + sixteens * 16)
  block[0] = sixteens
  text.copy(block, 1)
  return block
}
