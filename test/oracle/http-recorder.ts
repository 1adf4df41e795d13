import type { Clock } from '../../platform/clock.ts'

/** One request as the listener made it. Times are monotonic milliseconds of the listener's clock. */
export type RequestRecord = {
  url: string
  startedMs: number
  endedMs: number
  firstByteMs: number | null
  /** Null when no answer came. */
  status: number | null
  byteLength: number
  timedOut: boolean
  /** Null when all went well: otherwise what a person needs to know. */
  error: string | null
}

export type Timeouts = { firstByteMs: number; totalMs: number }
export type Fetched = { ok: true; bytes: Buffer; url: string; atMs: number } | { ok: false; record: RequestRecord }

export type HttpRecorder = {
  readonly log: RequestRecord[]
  /** One attempt, no retry: fails on anything but a whole 2xx answer within the timeouts. Never throws but for an aborted signal. */
  fetchOnce(url: string, timeouts: Timeouts, signal?: AbortSignal): Promise<Fetched>
}

/** HTTP as a player speaks it, every request on record. Connections are kept alive. */
export function createHttpRecorder(clock: Clock): HttpRecorder {
  const log: RequestRecord[] = []
  return {
    log,
    async fetchOnce(url, timeouts, signal) {
      const record: RequestRecord = {
        url,
        startedMs: clock.monotonicMs(),
        endedMs: 0,
        firstByteMs: null,
        status: null,
        byteLength: 0,
        timedOut: false,
        error: null,
      }
      const giveUp = new AbortController()
      const cancelFirst = clock.after(timeouts.firstByteMs, () => {
        giveUp.abort(new Error(`no first byte within ${timeouts.firstByteMs} ms`))
      })
      const cancelTotal = clock.after(timeouts.totalMs, () => {
        giveUp.abort(new Error(`not complete within ${timeouts.totalMs} ms`))
      })
      const abortedBoth = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal
      try {
        const answer = await fetch(url, { signal: abortedBoth })
        record.status = answer.status
        const chunks: Uint8Array[] = []
        if (answer.body)
          for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
            record.firstByteMs ??= clock.monotonicMs()
            cancelFirst()
            record.byteLength += chunk.length
            chunks.push(chunk)
          }
        if (!answer.ok) record.error = `HTTP ${answer.status}`
        else return { ok: true, bytes: Buffer.concat(chunks), url: answer.url || url, atMs: clock.monotonicMs() }
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        record.timedOut = giveUp.signal.aborted
        record.error = giveUp.signal.aborted ? (giveUp.signal.reason as Error).message : sentenceOf(error)
      } finally {
        cancelFirst()
        cancelTotal()
        record.endedMs = clock.monotonicMs()
        log.push(record)
      }
      return { ok: false, record }
    },
  }
}

function sentenceOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause
  return cause?.code ?? cause?.message ?? (error as Error).message
}
