import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { QuietLog } from '../../platform/rtmp/quiet-log.ts'
import { IngestLink } from '../../playout/live/ingest-link.ts'
import type { Feed } from '../../schemas/live.ts'
import { silentLog } from '../platform/rtmp/receiving-server.ts'

const FEED: Feed = {
  keyId: 'anna',
  run: '0123456789abcdef',
  source: 'rtmp',
  state: 'connected',
  reason: 'It sends.',
  stateForMs: 10,
  connection: 1,
  connectionFromSample: 0,
  oldestSample: 0,
  newestSample: 4_800,
  heardAgoMs: 5,
  levelDbfs: -20,
  peakDbfs: -10,
  silentForMs: 0,
  soundForMs: 10,
  title: '',
  format: 'AAC-LC',
  problems: [],
  remoteAddress: '127.0.0.1',
}
const line = (...feeds: Feed[]): string => `${JSON.stringify({ node: 'ingest-1', feeds })}\n`

let server: Server
let link: IngestLink
let answers: ServerResponse[]
let onAnswer: (response: ServerResponse) => void
let heard: () => void

beforeEach(async () => {
  answers = []
  onAnswer = () => {}
  heard = () => {}
  server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer read key' || request.url !== '/feeds/events')
      return response.writeHead(401).end()
    answers.push(response)
    response.writeHead(200).flushHeaders()
    onAnswer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  link.close()
  server.close()
  server.closeAllConnections()
})

function connect(readKey = 'read key'): void {
  link = new IngestLink({
    peer: { id: 'ingest-1', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, readKey },
    clock: systemClock,
    log: new QuietLog(silentLog, systemClock),
    onWord: () => heard(),
  })
}
/** Resolves as soon as a word of the node (or its silence) makes it so. */
const until = (isSo: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    heard = () => isSo() && resolve()
  })

describe('the link to an ingest node', () => {
  it('holds the last word, however the bytes come, and notices a goodbye between two of them', async () => {
    const seen: string[] = []
    onAnswer = (response) => {
      const text = line(FEED) + line({ ...FEED, state: 'ended' }) + line({ ...FEED, connection: 2 })
      response.write(text.slice(0, 100))
      setImmediate(() => response.write(text.slice(100)))
    }
    connect()
    await until(() => {
      const { state, connection } = link.feeds()[0]!.feed
      seen.push(`${state} ${connection}`)
      return connection === 2
    })
    expect(seen).toEqual(['connected 1', 'ended 1', 'connected 2'])
    expect(link.feeds()[0]).toMatchObject({ ingest: 'ingest-1', feed: { keyId: 'anna' } })
    expect(link.status()).toEqual({ id: 'ingest-1', connected: true, reason: 'Heard.' })
  })

  it.each([
    ['breaks off', (response: ServerResponse) => response.destroy()],
    ['sends what is no line', (response: ServerResponse) => response.write('{"node":7}\n')],
    ['sends a line without an end', (response: ServerResponse) => response.write('x'.repeat(600 * 1024))],
    ['sends arrays within arrays', (response: ServerResponse) => response.write(`${'['.repeat(400_000)}\n`)],
    ['is stopped', () => {}],
  ])('forgets the feeds of a node that %s, and is back by itself', async (_what, harm) => {
    onAnswer = (response) => response.write(line(FEED))
    connect()
    await until(() => link.isHeard)
    const isLost = until(() => !link.isHeard)
    harm(answers[0]!)
    await isLost
    expect(link.feeds()).toEqual([])
    expect(link.status().reason).toMatch(/\w/)
    await until(() => link.isHeard)
    expect(answers).toHaveLength(2)
  })

  it('takes no more lines than can be news from a node that sends line after line, and hears it again when it is calm', async () => {
    let words = 0
    onAnswer = (response) => response.write(line(FEED).repeat(answers.length === 1 ? 5_000 : 1))
    connect()
    const isLost = new Promise<void>((resolve) => {
      heard = () => {
        words += 1
        if (!link.isHeard) resolve()
      }
    })
    await isLost
    expect(words).toBe(2_001)
    expect(link.status().reason).toContain('more lines')
    await until(() => link.isHeard)
    expect(link.feeds()).toHaveLength(1)
  })

  it('with a wrong key says why it hears nothing', async () => {
    connect('another key')
    for (let asked = 0; asked < 2; asked++) await new Promise((resolve) => server.once('request', resolve))
    expect(link.status()).toEqual({ id: 'ingest-1', connected: false, reason: 'It answers 401.' })
  })
})
