import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IcecastServer, startIcecast } from '../../../../agents/ingest/icecast/icecast.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { createLogger } from '../../../../platform/log.ts'
import { systemProcesses } from '../../../../platform/processes.ts'
import { toneOf } from '../support/tone-of-feed.ts'
import { anchorGrant, createWayIn, ticketOf, type WayIn } from '../support/way-in.ts'

const TONE = ['-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=44100']

let way: WayIn
let server: IcecastServer
const children: ChildProcess[] = []
const sockets: Socket[] = []

const hasLiquidsoap = spawnSync('liquidsoap', ['--version']).status === 0
const KEYS = [
  'anna',
  'ben',
  'carla',
  'killed',
  'leaving',
  'mp3',
  'aac',
  'misnamed',
  'opus',
  'vorbis',
  'flac',
  'liquidsoap',
]

beforeAll(async () => {
  way = createWayIn(KEYS.map((keyId) => anchorGrant(keyId)))
  server = await startIcecast({
    host: '127.0.0.1',
    port: 0,
    feeds: way.feeds,
    grants: () => way.grants,
    processes: systemProcesses,
    clock: systemClock,
    log: createLogger('test', 'silent'),
  })
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const socket of sockets) socket.destroy()
  await server.close()
})

function push(keyId: string, codec: string[], contentType: string, more: string[] = []): ChildProcess {
  const url = `icecast://source:secret-of-${keyId}@127.0.0.1:${server.port}/show`
  const child = spawn(
    'ffmpeg',
    ['-v', 'error', '-re', ...TONE, '-ac', '2', ...codec, '-content_type', contentType, ...more, url],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  )
  children.push(child)
  return child
}

/** What BUTT does: a SOURCE request written by hand, then media as it comes. */
async function source(head: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(server.port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(head)
  const answer = once(socket, 'data').then(([bytes]) => (bytes as Buffer).toString())
  return { socket, answer }
}

const authorization = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`
const ask = async (head: string): Promise<string> => (await source(head)).answer

const mp3 = (seconds: number): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    execFile(
      'ffmpeg',
      ['-v', 'error', ...TONE, '-t', String(seconds), '-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3', 'pipe:1'],
      { encoding: 'buffer' },
      (error, bytes) => (error ? reject(error) : resolve(bytes)),
    ),
  )

describe('an Icecast source', () => {
  it.concurrent.each([
    ['mp3', ['-c:a', 'libmp3lame', '-f', 'mp3'], 'audio/mpeg'],
    ['aac', ['-c:a', 'aac', '-f', 'adts'], 'audio/aacp'],
    ['misnamed', ['-c:a', 'aac', '-f', 'adts'], 'audio/mpeg'],
    ['opus', ['-c:a', 'libopus', '-f', 'ogg', '-page_duration', '200000'], 'audio/ogg'],
    ['vorbis', ['-c:a', 'libvorbis', '-f', 'ogg', '-page_duration', '200000'], 'application/ogg'],
    ['flac', ['-c:a', 'flac', '-f', 'ogg', '-page_duration', '200000'], 'application/ogg'],
  ])('of ffmpeg sends %s, and its tone is heard whole', async (keyId, codec, type) => {
    push(keyId, codec, type, ['-ice_name', 'Late show'])
    const feed = await way.until(keyId, ({ newestSample }) => newestSample > 72_000)
    const heard = toneOf(feed, 1000)
    expect(heard.seconds).toBeGreaterThan(1.2)
    expect(heard.weakest).toBeGreaterThan(0.75)
    expect(heard.worstStepSamples).toBeLessThan(2)
    expect(heard.purity).toBeGreaterThan(0.98)
    expect(feed.describe()).toMatchObject({ state: 'connected', source: 'icecast', title: 'Late show', problems: [] })
  })

  it.skipIf(!hasLiquidsoap).concurrent(
    'of Liquidsoap is heard whole',
    async () => {
      const script = `settings.init.allow_root.set(true) output.icecast(%mp3, host="127.0.0.1", port=${server.port}, password="secret-of-liquidsoap", mount="show", mksafe(sine(1000.)))`
      const child = spawn('liquidsoap', ['--force-start', script], { stdio: 'ignore' })
      children.push(child)
      const feed = await way.until('liquidsoap', ({ newestSample }) => newestSample > 72_000, 50_000)
      expect(toneOf(feed, 1000)).toMatchObject({ weakest: expect.closeTo(1, 0), purity: expect.closeTo(1, 1) })
      expect(feed.describe()).toMatchObject({ state: 'connected', problems: [] })
    },
    60_000,
  )

  it.concurrent('that is killed is lost, with all that it sent; back again it goes on in the same run', {
    concurrent: true,
  }, async () => {
    const killed = push('killed', ['-c:a', 'libmp3lame', '-f', 'mp3'], 'audio/mpeg')
    const feed = await way.until('killed', ({ newestSample }) => newestSample > 48_000)
    killed.kill('SIGKILL')
    await way.until('killed', ({ state }) => state === 'lost')
    const lengthBefore = feed.ring.newestSample
    push('killed', ['-c:a', 'libmp3lame', '-f', 'mp3'], 'audio/mpeg')
    const again = await way.until('killed', ({ newestSample }) => newestSample > lengthBefore + 24_000)
    expect(again).toBe(feed)
    expect(again.describe()).toMatchObject({ connection: 2, connectionFromSample: lengthBefore })
  })

  it.concurrent('says goodbye by the end of its Ogg stream', async () => {
    const leaving = push('leaving', ['-c:a', 'libopus', '-f', 'ogg', '-page_duration', '200000'], 'audio/ogg')
    await way.until('leaving', ({ newestSample }) => newestSample > 48_000)
    leaving.stdin!.write('q')
    await way.until('leaving', ({ state }) => state === 'ended')
  })

  it('by hand, as BUTT does it, is heard from its first to its last sample, with titles on the side', async () => {
    const { socket, answer } = await source(
      `SOURCE /live HTTP/1.0\r\n${authorization('source', 'secret-of-anna')}User-Agent: butt\r\nContent-Type: audio/mpeg\r\nice-name: K\xfcste\r\nice-audio-info: ice-bitrate=128;ice-channels=1;ice-samplerate=44100\r\n\r\n`,
    )
    expect(await answer).toMatch(/^HTTP\/1\.0 200 OK\r\n/)
    const media = await mp3(2)
    for (let at = 0; at < media.length; at += 1000) socket.write(media.subarray(at, at + 1000))
    await way.until('anna', ({ newestSample }) => newestSample > 24_000)
    const title = `GET /admin/metadata?pass=x&mode=updinfo&mount=%2Flive&song=Anna%20-%20M%C3%B6we HTTP/1.0\r\n`
    expect(await ask(`${title}${authorization('source', 'secret-of-anna')}\r\n`)).toMatch(
      /^HTTP\/1\.0 200 .*return>1</s,
    )
    expect(await ask(`${title}${authorization('source', 'secret-of-ben')}\r\n`)).toMatch(/^HTTP\/1\.0 400 .*return>0</s)
    socket.end()
    const feed = await way.until('anna', ({ state }) => state === 'lost')
    expect(feed.describe()).toMatchObject({ title: 'Anna - Möwe', format: 'MP3, 44.1 kHz, mono, 128 kbit/s' })
    // 25 ms of the encoder's own start are there too.
    expect(feed.ring.newestSample).toBeGreaterThan(2 * 48_000)
    expect(toneOf(feed, 1000)).toMatchObject({ weakest: expect.closeTo(1, 1) })
  })

  it('by PUT in chunks is asked to go on, and its last chunk is a goodbye', async () => {
    const head = `PUT /live HTTP/1.1\r\nHost: x\r\n${authorization('ben', ticketOf('ben').slice(4))}Content-Type: audio/mpeg\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`
    const { socket, answer } = await source(head)
    expect(await answer).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    const media = await mp3(1)
    socket.write(`${media.length.toString(16)}\r\n`)
    socket.write(media)
    socket.write('\r\n0\r\n\r\n')
    const [last] = await once(socket, 'data')
    expect(String(last)).toMatch(/^HTTP\/1\.0 200 OK/)
    const feed = await way.until('ben', ({ state }) => state === 'ended')
    expect(feed.ring.newestSample).toBeGreaterThan(48_000)
  })

  it('that may not send is told why, closed at once, and nothing of its media goes anywhere', async () => {
    const known = way.feeds.list().length
    const wrong = await source(`SOURCE /live ICE/1.0\r\n${authorization('source', 'guessed')}\r\n`)
    wrong.socket.write(Buffer.alloc(100_000, 1))
    expect(await wrong.answer).toMatch(/^HTTP\/1\.0 401 This key is not known[\s\S]*WWW-Authenticate: Basic/)
    await once(wrong.socket, 'close')
    const expired = `${authorization('source', ticketOf('carla', -60))}\r\n`
    expect(await ask(`PUT /live HTTP/1.1\r\n${expired}`)).toMatch(/^HTTP\/1\.0 401 This address has expired/)
    expect(await ask('PUT /live HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.0 401 Authentication required/)
    expect(way.feeds.list()).toHaveLength(known)

    const first = await source(`SOURCE /live HTTP/1.0\r\n${authorization('source', 'secret-of-carla')}\r\n`)
    await first.answer
    const second = `SOURCE /other HTTP/1.0\r\n${authorization('source', 'secret-of-carla')}\r\n`
    expect(await ask(second)).toMatch(/^HTTP\/1\.0 403 This key is in use/)
    const kicked = once(first.socket, 'close')
    way.feeds.kick('carla', { reason: 'Enough.', refuseMs: 5_000 })
    await kicked
    expect(await ask(second)).toMatch(/^HTTP\/1\.0 403 Enough\. The key is refused for another 5 s/)
  })

  it('that is none costs its own connection', async () => {
    for (const nonsense of ['\x16\x03\x01\r\n\r\n', 'GET /live HTTP/1.1\r\n\r\n', `PUT /${'a'.repeat(9000)}`])
      expect(await ask(nonsense)).toMatch(/^HTTP\/1\.0 4\d\d /)
    expect(await ask('OPTIONS / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.0 200[\s\S]*Allow: .*SOURCE/)
    const liar = await source(
      `PUT /a HTTP/1.1\r\n${authorization('source', 'secret-of-ben')}Transfer-Encoding: chunked\r\n\r\n`,
    )
    await liar.answer
    liar.socket.write('nonsense\r\n')
    await way.until('ben', ({ state, connection }) => connection === 2 && state === 'lost')
  })

  it('that stops and starts again at once waits for the last of its sound, and is not refused', async () => {
    const head = `SOURCE /live HTTP/1.0\r\n${authorization('source', 'secret-of-mp3')}Content-Type: audio/mpeg\r\n\r\n`
    for (const child of children) child.kill('SIGKILL')
    await way.until('mp3', ({ state }) => state === 'lost')
    const before = way.feeds.ofKey('mp3')!.describe()
    const media = await mp3(1)
    const first = await source(head)
    await first.answer
    first.socket.end(media)
    const second = await source(head)
    expect(await second.answer).toMatch(/^HTTP\/1\.0 200 /)
    second.socket.end(media)
    const feed = await way.until(
      'mp3',
      ({ state, connection }) => state === 'lost' && connection === before.connection + 2,
    )
    expect(feed.ring.newestSample - before.newestSample).toBeGreaterThan(2 * 48_000)
  })
})

describe('a peer that wears the server out', () => {
  it('by dripping its head, sending none, or by many connections costs itself alone, and one line of the log for each kind', async () => {
    const lines: string[] = []
    const warn = (_facts: object, sentence: string): void => void lines.push(sentence)
    const log = Object.assign(createLogger('test', 'silent'), { warn })
    const hasty = { ...systemClock, after: (ms: number, act: () => void) => systemClock.after(ms / 10, act) }
    const small = await startIcecast({
      ...{ host: '127.0.0.1', port: 0, feeds: way.feeds, grants: () => way.grants, processes: systemProcesses },
      ...{ clock: hasty, log },
    })
    const peers = Array.from({ length: 60 }, () => connect(small.port, '127.0.0.1'))
    sockets.push(...peers)
    const drip = systemClock.every(50, () => {
      for (const peer of peers) if (peer.writable) peer.write('P')
    })
    await Promise.all(
      peers.map(
        (peer) =>
          new Promise((resolve) =>
            peer
              .on('error', () => {})
              .resume()
              .on('close', resolve),
          ),
      ),
    )
    drip()
    expect(lines).toHaveLength(2)
    expect(lines.join()).toMatch(/32 are open already.*no request within/)
    await expect.poll(() => small.connections()).toBe(0)
    await small.close()
  })
})
