import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isSrtKnock } from '../../../../agents/ingest/srt/knock.ts'
import { type SrtPorts, startSrt } from '../../../../agents/ingest/srt/srt.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { createLogger } from '../../../../platform/log.ts'
import { type Processes, systemProcesses } from '../../../../platform/processes.ts'
import { toneOf } from '../support/tone-of-feed.ts'
import { anchorGrant, createWayIn, type WayIn } from '../support/way-in.ts'

const PASSPHRASE = "a secret's & 100% odd"

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

const callers: ChildProcess[] = []
const started: string[] = []
/** Sees what everybody on the machine sees of our processes. */
const processes: Processes = {
  start(command, args, options) {
    started.push([command, ...args].join(' '))
    return systemProcesses.start(command, args, options)
  },
}
let way: WayIn
let srt: SrtPorts

beforeAll(async () => {
  const keys = await Promise.all(
    ['anna', 'ben', 'carla'].map(async (keyId) =>
      anchorGrant(keyId, { srt: { port: await freeUdpPort(), passphrase: PASSPHRASE } }),
    ),
  )
  way = createWayIn(keys)
  srt = startSrt({
    ...{ host: '127.0.0.1', feeds: way.feeds, grants: () => way.grants, processes, clock: systemClock },
    ...{ random: () => 0.5, log: createLogger('test', 'silent') },
  })
})

afterAll(() => {
  for (const caller of callers) caller.kill('SIGKILL')
  srt.close()
})

function call(keyId: string, codec: string, passphrase = PASSPHRASE): ChildProcess {
  const { port } = way.grants.find((grant) => grant.keyId === keyId)!.srt!
  const caller = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000', '-c:a', codec],
      ...['-f', 'mpegts', '-passphrase', passphrase, `srt://127.0.0.1:${port}?mode=caller`],
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  callers.push(caller)
  return caller
}

describe.concurrent('an SRT encoder', () => {
  it('is heard on its own port, says goodbye, and may come again', async () => {
    const caller = call('anna', 'aac')
    const feed = await way.until('anna', ({ newestSample }) => newestSample > 72_000)
    expect(feed.describe()).toMatchObject({ source: 'srt', format: 'AAC (LC), 48 kHz, mono', state: 'connected' })
    const heard = toneOf(feed, 1000)
    expect(heard.seconds).toBeGreaterThan(1.2)
    expect(heard.weakest).toBeGreaterThan(0.75)
    expect(heard.worstStepSamples).toBeLessThan(2)
    caller.stdin!.write('q')
    await way.until('anna', ({ state }) => state === 'ended')
    call('anna', 'mp2')
    await way.until('anna', ({ connection, format }) => connection === 2 && format.startsWith('MP2'))
    expect(started.length).toBeGreaterThan(1)
    expect(started.filter((line) => line.includes('secret'))).toEqual([])
  }, 30_000)

  it('that is killed is lost', async () => {
    const caller = call('ben', 'aac')
    await way.until('ben', ({ newestSample }) => newestSample > 24_000)
    caller.kill('SIGKILL')
    await way.until('ben', ({ state }) => state === 'lost', 20_000)
  }, 30_000)

  it('with another passphrase is not heard, and keeps nobody from coming', async () => {
    const stranger = call('carla', 'aac', 'another passphrase')
    await once(stranger, 'exit')
    expect(way.feeds.ofKey('carla')).toBeNull()
    call('carla', 'aac')
    await way.until('carla', ({ newestSample }) => newestSample > 0)
  }, 30_000)
})

describe('a knock', () => {
  it('is an SRT handshake to nobody in particular, and nothing else', () => {
    const knock = Buffer.alloc(64)
    knock.writeUInt32BE(0x80000000, 0)
    expect(isSrtKnock(knock)).toBe(true)
    expect(isSrtKnock(knock.subarray(1))).toBe(false)
    knock.writeUInt32BE(7, 12)
    expect(isSrtKnock(knock)).toBe(false)
    expect(isSrtKnock(Buffer.alloc(64))).toBe(false)
  })
})
