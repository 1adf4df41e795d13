export type IcyReader = {
  /** The audio of the next bytes, without the metadata blocks in it. */
  push(bytes: Buffer): Buffer
}

/** Takes the metadata blocks out of an ICY stream: after each `metaint` bytes of audio a length in sixteens, then text. */
export function createIcyReader(metaint: number, onTitle: (title: string) => void): IcyReader {
  let audioLeft = metaint
  let block: { wanted: number; bytes: Buffer } | null = null
  return {
    push(bytes) {
      const audio: Buffer[] = []
      let at = 0
      while (at < bytes.length) {
        if (audioLeft > 0) {
          const piece = bytes.subarray(at, at + audioLeft)
          audio.push(piece)
          audioLeft -= piece.length
          at += piece.length
          continue
        }
        if (!block) {
          block = { wanted: bytes[at]! * 16, bytes: Buffer.alloc(0) }
          at += 1
        }
        const piece = bytes.subarray(at, at + block.wanted - block.bytes.length)
        block.bytes = Buffer.concat([block.bytes, piece])
        at += piece.length
        if (block.bytes.length < block.wanted) break
        const title = /StreamTitle='(.*?)';/s.exec(block.bytes.toString('utf8'))?.[1]
        if (title !== undefined) onTitle(title)
        block = null
        audioLeft = metaint
      }
      return Buffer.concat(audio)
    },
  }
}
