import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IngestPeer } from '../../../schemas/live.ts'

export const KEY = 'anchor-key'
export const RUN = '0123456789abcdef'
const READ_KEY = 'read-key'

/** An ingest node that has one feed, and says no to what a real one says no to. Audio comes when the test says so. */
export class FakeIngest {
  readonly requests: string[] = []
  private readonly server: Server
  private readonly readers = new Map<ServerResponse, number>()
  private readonly sampleAt: (offset: number) => readonly [number, number]
  private newest: number
  private oldest = 0
  private isForgotten = false
  private isRefusing = false
  private cutAtByte: number | null = null

  private constructor(newest: number, sampleAt: (offset: number) => readonly [number, number]) {
    this.newest = newest
    this.sampleAt = sampleAt
    this.server = createServer((request, response) =>
      this.answer(request.url!, request.headers.authorization, response),
    )
  }

  static async start(newest: number, sampleAt: (offset: number) => readonly [number, number]): Promise<FakeIngest> {
    const ingest = new FakeIngest(newest, sampleAt)
    await new Promise<void>((resolve) => ingest.server.listen(0, '127.0.0.1', resolve))
    return ingest
  }

  get peer(): IngestPeer {
    return {
      id: 'ingest-1',
      url: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      readKey: READ_KEY,
    }
  }

  get newestSample(): number {
    return this.newest
  }

  /** The sender goes on for so many samples. */
  advance(samples: number): void {
    this.newest += samples
    for (const response of this.readers.keys()) this.pump(response)
  }

  /** Audio before this offset is no longer held. */
  forgetBefore(offset: number): void {
    this.oldest = offset
  }

  /** All connections are reset. */
  cut(): void {
    for (const response of [...this.readers.keys()]) response.socket?.resetAndDestroy()
    this.readers.clear()
  }

  /** The next audio is broken off after so many bytes: in the middle of a sample, if they say so. */
  cutAfter(bytes: number): void {
    this.cutAtByte = bytes
  }

  refuse(on: boolean): void {
    this.isRefusing = on
  }

  /** The feed is over, and nobody will ask for it again in vain. */
  forget(): void {
    this.isForgotten = true
    for (const response of this.readers.keys()) response.end()
    this.readers.clear()
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private answer(url: string, authorization: string | undefined, response: ServerResponse): void {
    this.requests.push(url)
    const { pathname, searchParams } = new URL(url, 'http://x')
    const asked = searchParams.get('from')!
    const from = asked === 'newest' ? this.newest : Number(asked)
    if (authorization !== `Bearer ${READ_KEY}`) return void response.writeHead(401).end()
    if (this.isRefusing) return void response.writeHead(503).end()
    if (this.isForgotten || pathname !== `/feeds/${KEY}/${RUN}/pcm`) return void response.writeHead(404).end()
    if (from < this.oldest) return void response.writeHead(410).end()
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'x-airtight-from': String(from) })
    response.flushHeaders()
    this.readers.set(response, from)
    response.on('close', () => this.readers.delete(response))
    this.pump(response)
  }

  private pump(response: ServerResponse): void {
    const from = this.readers.get(response)!
    if (this.newest <= from) return
    const pcm = new Float32Array((this.newest - from) * 2)
    for (let offset = from; offset < this.newest; offset++) pcm.set(this.sampleAt(offset), (offset - from) * 2)
    const bytes = Buffer.from(pcm.buffer)
    this.readers.set(response, this.newest)
    if (this.cutAtByte === null) return void response.write(bytes)
    const part = bytes.subarray(0, this.cutAtByte)
    this.cutAtByte = null
    this.readers.delete(response)
    response.write(part, () => response.socket?.resetAndDestroy())
  }
}
