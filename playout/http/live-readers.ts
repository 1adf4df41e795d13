import type { ServerResponse } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../limits.ts'

type Reader = { response: ServerResponse; isBehind: boolean; tookMs: number; textFor: () => string }

/**
 * Those who follow `GET /live/events`. Each event is the whole truth: one who is slow gets the newest when the last one is through, and one
 * who takes nothing any more is let go.
 */
export class LiveReaders {
  private readonly readers = new Set<Reader>()
  private readonly clock: Clock
  private readonly stop: () => void
  private isTelling = false

  constructor(clock: Clock) {
    this.clock = clock
    this.stop = clock.every(limits.liveHeartbeatMs, () => this.beat())
  }

  /** False when there are too many. `textFor` makes the event's data at the moment of sending. */
  add(response: ServerResponse, textFor: () => string): boolean {
    if (this.readers.size >= limits.liveReadersMax) return false
    const reader: Reader = { response, isBehind: false, tookMs: this.clock.monotonicMs(), textFor }
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.readers.add(reader)
    response.on('close', () => this.readers.delete(reader))
    response.on('error', () => this.readers.delete(reader))
    response.on('drain', () => {
      reader.tookMs = this.clock.monotonicMs()
      if (reader.isBehind) this.send(reader)
    })
    this.send(reader)
    return true
  }

  /** Something has changed. Several changes of one moment are one event. */
  tell(): void {
    if (this.isTelling || this.readers.size === 0) return
    this.isTelling = true
    this.clock.after(0, () => {
      this.isTelling = false
      for (const reader of this.readers) this.send(reader)
    })
  }

  close(): void {
    this.stop()
    for (const { response } of this.readers) response.end()
    this.readers.clear()
  }

  private send(reader: Reader): void {
    reader.isBehind = reader.response.writableNeedDrain
    if (reader.isBehind) return
    reader.response.write(`event: live\ndata: ${reader.textFor()}\n\n`)
    if (!reader.response.writableNeedDrain) reader.tookMs = this.clock.monotonicMs()
  }

  private beat(): void {
    const nowMs = this.clock.monotonicMs()
    for (const reader of this.readers) {
      if (!reader.response.writableNeedDrain) reader.response.write(': \n\n')
      else if (nowMs - reader.tookMs > limits.liveReaderStuckMs) {
        this.readers.delete(reader)
        reader.response.destroy()
      }
    }
  }
}
