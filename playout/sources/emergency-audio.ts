import { createReadStream, statSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import { limits } from '../limits.ts'

const BYTES_PER_PAIR = 4
/** The end of the file runs into its beginning over this long, so that the loop has no seam. */
const LOOP_FADE_PAIRS = SAMPLE_RATE

export type EmergencyAudio = { pcmPath: string; isThere: () => boolean }

/** Begins to keep the emergency file as PCM; what was kept before serves until then, and when it can't be decoded. */
export function keepEmergencyAudio(options: {
  file: string | null
  pcmPath: string
  processes: Processes
  onAlarm: (sentence: string) => void
  /** What the file is called in an alarm. */
  name?: string
}): EmergencyAudio {
  const { file, pcmPath, processes, onAlarm, name = 'emergency file' } = options
  const isThere = (): boolean => sizeOf(pcmPath) >= SAMPLE_RATE * BYTES_PER_PAIR
  if (file !== null) {
    saveEmergencyAudio(file, pcmPath, processes).catch((error: Error) => {
      const instead = isThere() ? 'The one kept before' : 'The generated bed'
      onAlarm(`The ${name} can't be decoded: ${error.message}. ${instead} stands in.`)
    })
  }
  return { pcmPath, isThere }
}

/**
 * Keeps the emergency file as PCM (48 kHz stereo, 16 bit, to the station's loudness as it is), ready to be looped without any decoder.
 * Does nothing when the saved PCM is already of this file. Throws an Error with the decoder's complaint; the PCM saved before then stays.
 */
export async function saveEmergencyAudio(file: string, pcmPath: string, processes: Processes): Promise<void> {
  const { size, mtimeMs } = await stat(file)
  const origin = `${file} ${size} ${Math.round(mtimeMs)}`
  const originPath = `${pcmPath}.origin`
  if (readFileIfThere(originPath) === origin && sizeOf(pcmPath) > 0) return
  const draft = `${pcmPath}.draft`
  try {
    await decode(file, draft, processes)
    await closeLoop(draft)
    await rename(draft, pcmPath)
    replaceFile(originPath, origin)
  } finally {
    await rm(draft, { force: true })
  }
}

function decode(file: string, draft: string, processes: Processes): Promise<void> {
  const child = processes.start(
    programs.ffmpeg,
    [
      '-nostdin',
      '-v',
      'error',
      '-xerror',
      '-t',
      String(limits.emergencySecondsMax),
      '-i',
      `file:${file}`,
      '-map',
      '0:a:0',
      '-ac',
      '2',
      '-ar',
      '48000',
      '-f',
      's16le',
      '-y',
      draft,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000, killSignal: 'SIGKILL' },
  )
  let complaint = ''
  child.stderr!.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString('utf8')).slice(-400)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(complaint.trim() || `the decoder ended with code ${code}`)),
    )
  })
}

/** Mixes the last second into the first one (equal power) and drops it. Files shorter than three seconds stay as they are. */
async function closeLoop(path: string): Promise<void> {
  const pairs = Math.floor(sizeOf(path) / BYTES_PER_PAIR)
  if (pairs < 3 * LOOP_FADE_PAIRS) return
  const tailStart = (pairs - LOOP_FADE_PAIRS) * BYTES_PER_PAIR
  const head = await slice(path, 0, LOOP_FADE_PAIRS * BYTES_PER_PAIR)
  const tail = await slice(path, tailStart, tailStart + LOOP_FADE_PAIRS * BYTES_PER_PAIR)
  for (let pair = 0; pair < LOOP_FADE_PAIRS; pair++) {
    const angle = ((pair + 0.5) / LOOP_FADE_PAIRS) * (Math.PI / 2)
    for (const at of [pair * BYTES_PER_PAIR, pair * BYTES_PER_PAIR + 2]) {
      const mixed = head.readInt16LE(at) * Math.sin(angle) + tail.readInt16LE(at) * Math.cos(angle)
      head.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(mixed))), at)
    }
  }
  const file = await open(path, 'r+')
  try {
    await file.write(head, 0, head.length, 0)
    await file.truncate(tailStart)
  } finally {
    await file.close()
  }
}

async function slice(path: string, start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of createReadStream(path, { start, end: end - 1 })) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
