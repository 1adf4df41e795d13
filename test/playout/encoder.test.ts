import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { adtsOfUnits } from '../../media/adts.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { type Processes, systemProcesses } from '../../platform/processes.ts'
import { Encoder } from '../../playout/encoder/encoder.ts'
import { limits } from '../../playout/limits.ts'

const FIRST = 84_000_000_000
const RENDITIONS = [
  { id: 'high', bitrateKbps: 128, channels: 2 as const },
  { id: 'low', bitrateKbps: 48, channels: 1 as const },
]

/** A chord that is a function of the sample number alone. */
function blockOf(number: number): Float32Array {
  const block = new Float32Array(2_048)
  for (let index = 0; index < 1_024; index++) {
    const seconds = ((number - FIRST) * 1_024 + index) / 48_000
    const value = 0.3 * Math.sin(2 * Math.PI * 440 * seconds) + 0.1 * Math.sin(2 * Math.PI * 1_234 * seconds)
    block[index * 2] = value
    block[index * 2 + 1] = value
  }
  return block
}

function decoded(units: readonly Uint8Array[], channels: 1 | 2): Float32Array {
  const { stdout } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-f', 'aac', '-i', 'pipe:0', '-af', 'pan=mono|c0=c0', '-f', 'f32le', 'pipe:1'],
    { input: adtsOfUnits(units, channels), maxBuffer: 1e9 },
  )
  return new Float32Array(stdout.buffer, stdout.byteOffset, stdout.length / 4)
}

/** The real encoder, fed in bursts as while catching up; `fault` is called once, when so many frames are out. */
async function encode(frames: number, faultAfter: number, fault: (processId: number) => void) {
  const rows = new Map(RENDITIONS.map(({ id }) => [id, [] as { frame: number; unit: Buffer }[]]))
  const children: number[] = []
  const processes: Processes = {
    start(...started) {
      const child = systemProcesses.start(...started)
      children.push(child.pid!)
      return child
    },
  }
  let wake: () => void = () => {}
  let faulted = false
  const encoder = new Encoder({
    renditions: RENDITIONS,
    firstFrames: { high: FIRST, low: FIRST },
    clock: systemClock,
    processes,
    log: createLogger('test', 'silent'),
    onUnit: (rendition, frame, unit) => {
      rows.get(rendition)!.push({ frame, unit })
      if (!faulted && rows.get('high')!.length === faultAfter) {
        faulted = true
        fault(children.at(-1)!)
      }
    },
    onProgress: () => wake(),
  })
  let next = FIRST - limits.encoderWarmBlocks
  const blocks = Array.from({ length: limits.encoderRingBlocks + 1 }, () => new Float32Array(2_048))
  while ([...rows.values()].some((row) => row.length < frames)) {
    while (encoder.backlogBlocks < limits.encoderBacklogBlocksMax && next < FIRST + frames + 8) {
      const block = blocks[next % blocks.length]!
      block.set(blockOf(next))
      encoder.push(next++, block)
    }
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  encoder.close()
  return { rows, restarts: encoder.restarts, children }
}

const stopped: number[] = []
afterEach(() => {
  for (const processId of stopped.splice(0)) {
    try {
      process.kill(processId, 'SIGKILL')
    } catch {}
  }
})

describe('the encoder', () => {
  it.each([
    ['killed', 'SIGKILL' as const],
    ['stopped for ever', 'SIGSTOP' as const],
  ])(
    'that is %s in the middle is continued by another: every number once, in order, in both renditions',
    async (_name, signal) => {
      const { rows, restarts } = await encode(400, 150, (processId) => {
        stopped.push(processId)
        process.kill(processId, signal)
      })
      expect(restarts).toBe(1)
      for (const row of rows.values())
        expect(row.slice(0, 400).map(({ frame }) => frame)).toEqual(
          Array.from({ length: 400 }, (_, index) => FIRST + index),
        )
    },
  )

  it('is not blamed when this process itself stood still: what it gave meanwhile only waits to be read', async () => {
    const { restarts } = await encode(300, 100, () => {
      for (const until = performance.now() + limits.encoderSilentMs * 1.3; performance.now() < until; );
    })
    expect(restarts).toBe(0)
  })

  it('numbers each frame by the samples that it decodes to, and its successor does the same: the joint is no worse than codec noise', async () => {
    const { rows } = await encode(300, 120, (processId) => process.kill(processId, 'SIGKILL'))
    for (const { id, channels } of RENDITIONS) {
      const heard = decoded(
        rows.get(id)!.map(({ unit }) => unit),
        channels,
      )
      let worst = 0
      for (let frame = 3; frame < 295; frame++) {
        const original = blockOf(FIRST + frame)
        let error = 0
        for (let index = 0; index < 1_024; index++) error += (heard[frame * 1_024 + index]! - original[index * 2]!) ** 2
        worst = Math.max(worst, Math.sqrt(error / 1_024))
      }
      expect(20 * Math.log10(worst)).toBeLessThan(-38)
    }
  })

  it('that can not be started at all is tried again and again, and goes on where it should when it can', async () => {
    let broken = true
    const frames: number[] = []
    let finished: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      finished = resolve
    })
    const encoder = new Encoder({
      renditions: RENDITIONS.slice(0, 1),
      firstFrames: { high: FIRST },
      clock: systemClock,
      processes: {
        start: (command, args, options) => systemProcesses.start(broken ? '/nonexistent' : command, args, options),
      },
      log: createLogger('test', 'silent'),
      onUnit: (_rendition, frame) => {
        frames.push(frame)
        if (frames.length === 20) finished()
      },
      onProgress: () => {},
    })
    for (let number = FIRST - 8; number < FIRST + 40; number++) encoder.push(number, blockOf(number))
    systemClock.after(600, () => {
      broken = false
    })
    await done
    encoder.close()
    expect(frames[0]).toBe(FIRST)
    expect(encoder.restarts).toBeGreaterThan(4)
  })
})
