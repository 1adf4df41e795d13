import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { type IngestOptions, startIngest } from '../../../agents/ingest/ingest.ts'
import { systemClock } from '../../../platform/clock.ts'
import { credentialSha256, ingestKeyOf } from '../../../platform/credentials.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { parse } from '../../../schemas/check.ts'
import { type Feed, FeedsLine, type LiveGrant, type LiveSettings } from '../../../schemas/live.ts'
import { startFakeControl } from '../shared/fake-control.ts'

const station = {
  id: 'night-radio',
  name: 'Night Radio',
  renditions: [{ id: 'high', bitrateKbps: 128, channels: 2 as const }],
  windowSegments: 6,
  keptSegments: 10,
}

export const SETTINGS: LiveSettings = {
  bufferMs: 600,
  relayBufferMs: 3_000,
  crossfadeMs: 500,
  graceMs: 10_000,
  silenceDbfs: -50,
  silenceMs: 15_000,
  soundAgainMs: 3_000,
  duckDb: -14,
  duckDownMs: 300,
  duckUpMs: 900,
  levelLufs: null,
}

/** What anchors are given: the key of anna is `key-of-anna`. */
export const keyOf = (name: string): string => `key-of-${name}`

export function grantFor(name: string, changes: Partial<LiveGrant> = {}): LiveGrant {
  return {
    keyId: name,
    anchorId: `person-${name}`,
    name,
    kind: 'anchor',
    keySha256: credentialSha256(keyOf(name)),
    signingKey: `signing-key-of-${name}`,
    goLive: 'manual',
    windows: null,
    endsWithWindow: false,
    srt: null,
    relayUrl: null,
    ...changes,
  }
}

export type IngestWorld = Awaited<ReturnType<typeof createIngestWorld>>

/** An ingest node with a control center that has given keys to anna and bert. */
export async function createIngestWorld(
  changes: Partial<IngestOptions> & { settings?: Partial<LiveSettings>; log?: Logger } = {},
) {
  const { settings, ...ingestChanges } = changes
  const control = await startFakeControl(station, 'http://127.0.0.1:1', 100)
  control.live.ingest = { settings: { ...SETTINGS, ...settings }, grants: [grantFor('anna'), grantFor('bert')] }
  const folder = mkdtempSync(join(tmpdir(), 'airtight-ingest-test-'))
  const options: IngestOptions = {
    controlUrl: control.url,
    joinToken: control.joinToken,
    folder: join(folder, 'node'),
    id: 'ingest-1',
    host: '127.0.0.1',
    address: '127.0.0.1',
    httpPort: 0,
    studioPort: null,
    rtmpPort: 0,
    rtmpsPort: null,
    icecastPort: null,
    tls: null,
    softwareVersion: '0.0.0',
    clock: systemClock,
    processes: systemProcesses,
    random: () => 0.5,
    log: pino({ level: process.env.AIRTIGHT_LOG_LEVEL ?? 'silent' }),
    ...ingestChanges,
  }
  let ingest = await startIngest(options)
  const ends: (() => void)[] = []
  const url = (path: string): string => `http://127.0.0.1:${ingest.httpPort}${path}`
  const headers = () => ({ authorization: `Bearer ${ingestKeyOf(control.credentialOf('ingest-1') ?? '')}` })

  /** The answer to a GET, its body not yet read. */
  function get(path: string, withKey = true): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(url(path), { headers: withKey ? headers() : {}, agent: false }, resolve)
      request.on('error', reject)
      ends.push(() => request.destroy())
      request.end()
    })
  }

  const world = {
    control,
    folder,
    get,
    url,
    headers,
    get ingest() {
      return ingest
    },
    rtmpUrl: (key: string) => `rtmp://127.0.0.1:${ingest.waysIn.rtmp}/live/${key}`,
    ready: () =>
      until(async () => ((await fetch(url('/healthz'))).status === 200 ? true : null), 'the ingest has heard of keys'),
    /** Resolves with the first state of a key's feed that fulfils the condition. */
    feed: (keyId: string, condition: (feed: Feed) => boolean, what: string) =>
      watchFeeds(get, what, ({ feeds }) => feeds.find((feed) => feed.keyId === keyId && condition(feed)) ?? null),
    noFeeds: (what: string) => watchFeeds(get, what, ({ feeds }) => (feeds.length === 0 ? true : null)),
    /** All that a run holds now, as floats of the left and right sides in turn. */
    async pcm(feed: Feed, from = feed.oldestSample, until = feed.newestSample): Promise<Float32Array> {
      const answer = await get(`/feeds/${feed.keyId}/${feed.run}/pcm?from=${from}`)
      if (answer.statusCode !== 200) throw new Error(`pcm answered ${answer.statusCode}`)
      const parts: Buffer[] = []
      let left = (until - from) * 8
      if (left > 0)
        for await (const part of answer as AsyncIterable<Buffer>) {
          parts.push(part)
          left -= part.length
          if (left <= 0) break
        }
      answer.destroy()
      const bytes = new Uint8Array(Buffer.concat(parts)).slice(0, (until - from) * 8)
      return new Float32Array(bytes.buffer)
    },
    kick: (keyId: string, body: unknown) =>
      fetch(url(`/feeds/${keyId}/kick`), { method: 'POST', headers: headers(), body: JSON.stringify(body) }),
    async restart(): Promise<void> {
      await ingest.stop(false)
      ingest = await startIngest({ ...options, httpPort: ingest.httpPort, rtmpPort: ingest.waysIn.rtmp })
    },
    async end(): Promise<void> {
      for (const end of ends) end()
      await ingest.stop(false)
      await control.die()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await world.ready()
  return world
}

/** Reads `/feeds/events` until something is found in a line. */
async function watchFeeds<T>(
  get: (path: string) => Promise<IncomingMessage>,
  what: string,
  find: (line: FeedsLine) => T | null,
): Promise<T> {
  const answer = await get('/feeds/events')
  let newest = ''
  const cancel = systemClock.after(12_000, () => answer.destroy(new Error(`${what}: ${newest}`)))
  try {
    let rest = ''
    for await (const part of answer as AsyncIterable<Buffer>) {
      const lines = (rest + part.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        newest = line
        const found = find(parse(FeedsLine, JSON.parse(line)))
        if (found !== null) return found
      }
    }
    throw new Error(`${what}: the events ended`)
  } finally {
    cancel()
    answer.destroy()
  }
}

async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
  const deadlineMs = systemClock.monotonicMs() + 10_000
  for (;;) {
    const found = await look().catch(() => null)
    if (found !== null) return found
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(`${what}: not within 10 s`)
    await new Promise<void>((resolve) => systemClock.after(20, resolve))
  }
}
