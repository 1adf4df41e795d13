import { connect } from 'node:net'
import { systemClock } from '../../../platform/clock.ts'

const LATE_MS = 10_000
const LAST_ANSWER_SHORTER_BY = 'keep-alive'.length - 'close'.length

export type LoadResult = { responses: number; seconds: number }

/**
 * Asks for paths in turn over kept connections, as fast as they are answered. Light on purpose: each path's answer is measured once,
 * and from then on only bytes are counted, so that the client does not become what is measured. Rejects when a connection breaks.
 */
export async function load(
  port: number,
  paths: readonly string[],
  connections: number,
  ms: number,
): Promise<LoadResult> {
  const requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 'latin1'))
  const lengths = await Promise.all(requests.map((request) => lengthOfAnswer(port, request)))
  const startMs = systemClock.monotonicMs()
  const endMs = startMs + ms
  let responses = 0
  const run = (first: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let index = first % requests.length
      let missing = 0
      const buffer = Buffer.allocUnsafeSlow(256 * 1024)
      const cancel = systemClock.after(ms + LATE_MS, () => reject(new Error('an answer was shorter than before')))
      const open = (): void => {
        const ask = (): void => {
          missing = lengths[index]!
          socket.write(requests[index]!)
        }
        const answered = (): void => {
          responses += 1
          index = (index + 1) % requests.length
        }
        const socket = connect({
          port,
          host: '127.0.0.1',
          noDelay: true,
          onread: {
            buffer,
            callback: (bytes) => {
              missing -= bytes
              if (missing > 0) return true
              if (missing < 0) socket.destroy(new Error('an answer was longer than before'))
              answered()
              if (systemClock.monotonicMs() < endMs) ask()
              else finish()
              return true
            },
          },
        })
        const finish = (): void => {
          cancel()
          socket.end()
          resolve()
        }
        socket.on('error', reject)
        socket.on('connect', ask)
        // A server may end a connection after so many answers; the last one says `close` where the others said `keep-alive`.
        socket.on('end', () => {
          if (missing === 0) return
          if (missing > LAST_ANSWER_SHORTER_BY)
            return reject(new Error('a connection ended in the middle of an answer'))
          answered()
          if (systemClock.monotonicMs() < endMs) open()
          else finish()
        })
      }
      open()
    })
  await Promise.all(Array.from({ length: connections }, (_, index) => run(index)))
  return { responses, seconds: (systemClock.monotonicMs() - startMs) / 1000 }
}

/** Header and body, in bytes; both servers answer with a Content-Length. Rejects on any status but 200. */
function lengthOfAnswer(port: number, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let head = ''
    socket.on('error', reject)
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1]
      socket.destroy()
      if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) return reject(new Error(head.slice(0, end)))
      resolve(end + 4 + Number(length))
    })
  })
}
