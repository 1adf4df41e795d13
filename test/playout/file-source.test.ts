import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { type Processes, systemProcesses } from '../../platform/processes.ts'
import { FileSource } from '../../playout/sources/file-source.ts'
import { SampleQueue } from '../../playout/sources/sample-queue.ts'

const RATE = 48_000
let folder: string
const file = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-source-'))
  const make = (...args: string[]) =>
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'aevalsrc=0.5*sin(2*PI*(200*t+8*t*t)):s=44100:d=30',
      ...args,
    ])
  make('-ac', '2', '-b:a', '128k', file('sweep.mp3'))
  make('-ac', '1', '-ar', '48000', file('sweep.wav'))
  const whole = readFileSync(file('sweep.mp3'))
  writeFileSync(file('cut off.mp3'), whole.subarray(0, Math.floor(whole.length / 3)))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Reads a source to its end, block by block, as the mixer does. */
async function readAll(path: string, fromSample: number, samples: number, processes: Processes = systemProcesses) {
  let wake: () => void = () => {}
  const source = new FileSource({
    path,
    fromSample,
    samples,
    clock: systemClock,
    processes,
    log: createLogger('test', 'silent'),
    onChange: () => wake(),
  })
  const left = new Float32Array(samples)
  const block = new Float32Array(2_048)
  let read = 0
  for (;;) {
    const take = Math.min(1_024, source.availableSamples(), samples - read)
    if (take > 0) {
      source.read(block, take)
      for (let index = 0; index < take; index++) left[read + index] = block[index * 2]!
      read += take
    } else if (read === samples || source.state().state !== 'open') break
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  const state = source.state()
  source.close()
  return { left: left.subarray(0, read), state }
}

const isSame = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length &&
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

describe('a file as a source', () => {
  it('gives exactly the samples asked for, from any offset, the same as when read from its beginning', async () => {
    const whole = await readAll(file('sweep.mp3'), 0, 20 * RATE)
    const part = await readAll(file('sweep.mp3'), 7 * RATE + 123, 5 * RATE)
    expect(whole.left.length).toBe(20 * RATE)
    expect(isSame(part.left, whole.left.subarray(7 * RATE + 123, 12 * RATE + 123))).toBe(true)
  })

  it('fails with the reason when there is no such file', async () => {
    const { left, state } = await readAll(file('nothing.mp3'), 0, RATE)
    expect(left.length).toBe(0)
    expect(state).toMatchObject({ state: 'failed', reason: expect.stringContaining('No such file') })
  })

  it('gives what there is of a file that was cut off, then fails and says where', async () => {
    const { left, state } = await readAll(file('cut off.mp3'), 0, 30 * RATE)
    expect(left.length / RATE).toBeGreaterThan(9)
    expect(state).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/ends after (9|10)\.\d s, 30\.0 s were planned/),
    })
  })

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'goes on to the sample when its decoder gets a %s in the middle',
    async (signal) => {
      const started: number[] = []
      const processes: Processes = {
        start(...args) {
          const child = systemProcesses.start(...args)
          started.push(child.pid!)
          if (started.length === 1) child.stdout!.once('data', () => process.kill(child.pid!, signal))
          return child
        },
      }
      const reference = await readAll(file('sweep.wav'), 0, 25 * RATE)
      const { left, state } = await readAll(file('sweep.wav'), 0, 25 * RATE, processes)
      expect(state.state).toBe('ended')
      expect(started).toHaveLength(2)
      expect(isSame(left, reference.left)).toBe(true)
    },
  )
})

describe('the sample queue', () => {
  it('drops half a pair that a dead decoder left, wherever the chunks were cut', () => {
    for (const cut of [1, 3, 5, 9, 12, 13]) {
      const queue = new SampleQueue(64)
      const bytes = Buffer.from(Float32Array.from([1, 2, 3, 4]).buffer)
      queue.push(bytes.subarray(0, cut))
      queue.push(Buffer.concat([bytes.subarray(cut), Buffer.from([7, 7, 7])]))
      queue.dropPartialPair()
      queue.push(Buffer.from(Float32Array.from([5, 6]).buffer))
      const out = new Float32Array(6)
      expect(queue.pairs).toBe(3)
      queue.read(out, 3)
      expect([...out]).toEqual([1, 2, 3, 4, 5, 6])
    }
  })
})

describe('the sample queue as a ring', () => {
  it('gives what it was given, in order, round and round, and refuses what it has no room for', () => {
    const queue = new SampleQueue(10)
    const out = new Float32Array(14)
    let written = 0
    let read = 0
    for (let round = 0; round < 50; round++) {
      const values = Float32Array.from({ length: 14 }, () => written++)
      queue.push(Buffer.from(values.buffer, 0, 20))
      queue.push(Buffer.from(values.buffer, 20))
      queue.read(out, 7)
      expect([...out]).toEqual(Array.from({ length: 14 }, () => read++))
    }
    queue.push(Buffer.alloc(80))
    expect(() => queue.push(Buffer.alloc(1))).toThrow('room')
  })
})
