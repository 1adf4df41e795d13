import type { Readable } from 'node:stream'
import type { Clock } from '../../../platform/clock.ts'

const LINES_PER_MINUTE_MAX = 60
const LINE_CHARACTERS_MAX = 600

/**
 * Hands on what a child writes, line by line and bounded: a failing origin makes nginx write a line for each request.
 * What was left out is counted and said once a minute.
 */
export function boundedLines(stream: Readable, clock: Clock, write: (line: string) => void): void {
  let rest = ''
  let minuteStartMs = clock.monotonicMs()
  let written = 0
  let leftOut = 0
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS_MAX)
    const nowMs = clock.monotonicMs()
    if (nowMs - minuteStartMs > 60_000) {
      if (leftOut > 0) write(`${leftOut} more lines were left out`)
      minuteStartMs = nowMs
      written = 0
      leftOut = 0
    }
    for (const line of lines) {
      if (written < LINES_PER_MINUTE_MAX) write(line.slice(0, LINE_CHARACTERS_MAX))
      else leftOut += 1
      written += 1
    }
  })
}
