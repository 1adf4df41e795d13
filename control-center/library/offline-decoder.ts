import { Writable } from 'node:stream'
import type { Clock } from '../../platform/clock.ts'
import { programs } from '../../platform/processes.ts'

/** What ffmpeg said about a file that it decoded to the end, or failed to. */
export type DecoderReport = {
  /** From the container's header; null when it has none, or only guesses from the bit rate. */
  declaredSeconds: number | null
  /** EBU R128 of the whole, and the true peak; null when nothing was decoded. */
  loudnessLufs: number | null
  truePeakDbtp: number | null
  /** Packets that could not be decoded. */
  damagedPackets: number
  /** The first complaints, at most five. */
  complaints: string[]
  /** Null when ffmpeg ended well. */
  failure: string | null
  /** The failure came from outside the file: ffmpeg was killed, or could not be started. Another try may succeed. */
  interrupted: boolean
}

export type DecoderOptions = {
  clock: Clock
  /** ffmpeg is killed after this long. */
  limitMs: number
  signal: AbortSignal
}

/**
 * Containers that hold music. Not among them: playlists and scripts that make ffmpeg open other files and addresses,
 * whatever they call themselves.
 */
const CONTAINERS = [
  ...['mp3', 'aac', 'mov', 'flac', 'ogg', 'wav', 'w64', 'aiff', 'caf', 'matroska', 'asf'],
  ...['ape', 'wv', 'tta', 'mpc', 'mpc8', 'ac3', 'eac3', 'mpegts', 'mpeg', 'avi'],
]
/** The mixer's work is urgent, this is not. */
const NICENESS = 15
const COMPLAINTS_MAX = 5

/**
 * Decodes the first audio stream of a file from end to end, exactly as playout does (48 kHz, stereo, floats), and measures it.
 * Samples are handed over in pieces of any length, interleaved. The one file that knows fluent-ffmpeg.
 * Never rejects but for the signal's reason.
 */
export async function decodeWhole(
  path: string,
  options: DecoderOptions,
  onBytes: (pcm: Buffer) => void,
): Promise<DecoderReport> {
  options.signal.throwIfAborted()
  const { default: ffmpeg } = await import('fluent-ffmpeg')
  const reader = new ReportReader()
  let cutOff: string | null = null
  const sink = new Writable({
    // ffmpeg is killed by the library some milliseconds after its output closes: so it never does.
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      if (cutOff === null) onBytes(chunk)
      done()
    },
  })
  const taken = new Promise<void>((resolve) => sink.once('finish', resolve))
  const command = ffmpeg({ niceness: NICENESS, stdoutLines: 50 })
    .input(`file:${path}`)
    .inputOptions(['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info', '-threads', '1'])
    .inputOptions(['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS.join(',')])
    .outputOptions(['-map', '0:a:0', '-vn', '-sn', '-dn', '-f', 'f32le'])
    .audioFilters(['aresample=48000', 'aformat=channel_layouts=stereo', 'ebur128=peak=true:framelog=verbose'])
    .on('stderr', (line: string) => reader.read(line))
    // Cut off before it was there to be killed.
    .on('start', () => cutOff !== null && command.kill('SIGKILL'))
  command.setFfmpegPath(programs.ffmpeg)
  let onAbort = (): void => {}
  let cancel = (): void => {}
  try {
    const failure = await new Promise<string | null>((resolve) => {
      // Not waiting for the end of a process that is stuck in a dead disk.
      const cut = (reason: string): void => {
        cutOff = reason
        command.kill('SIGKILL')
        resolve(reason)
      }
      onAbort = () => cut('it was called off')
      options.signal.addEventListener('abort', onAbort, { once: true })
      cancel = options.clock.after(options.limitMs, () => cut(`it took longer than ${options.limitMs / 1000} s`))
      command.on('end', () => taken.then(() => resolve(null)))
      command.on('error', (error: Error) => resolve(error.message))
      command.output(sink, { end: true }).run()
    })
    options.signal.throwIfAborted()
    const exited = failure === null || /exited with code/.test(failure)
    return { ...reader.report, failure, interrupted: cutOff !== null || !exited }
  } finally {
    cancel()
    options.signal.removeEventListener('abort', onAbort)
  }
}

/** Picks the facts out of ffmpeg's log, line by line. */
class ReportReader {
  readonly report: Omit<DecoderReport, 'failure' | 'interrupted'> = {
    ...{ declaredSeconds: null, loudnessLufs: null, truePeakDbtp: null, damagedPackets: 0, complaints: [] },
  }
  private guessed = false

  read(line: string): void {
    const { report } = this
    // `[flac @ 0x55…] [error] invalid residual`: who says it, how bad it is, what it is.
    const text = line.replace(/^(\[[^\]]*\] ?)+/, '')
    if (/Estimating duration from bitrate/.test(line)) this.guessed = true
    const duration = /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text)
    if (duration) {
      const [hours, minutes, seconds] = duration.slice(1).map(Number)
      report.declaredSeconds = this.guessed ? null : hours! * 3600 + minutes! * 60 + seconds!
    }
    const loudness = /^\s+I:\s+(-?[\d.]+|-inf) LUFS/.exec(text)
    if (loudness) report.loudnessLufs = Number(loudness[1]!.replace('inf', 'Infinity'))
    const peak = /^\s+Peak:\s+(-?[\d.]+|-inf) dBFS/.exec(text)
    if (peak) report.truePeakDbtp = Number(peak[1]!.replace('inf', 'Infinity'))
    if (!/^(\[[^\]]*\] ?)*\[(error|fatal|panic)\]/.test(line)) return
    if (/Error while decoding stream|Error submitting packet/.test(line)) report.damagedPackets++
    if (report.complaints.length < COMPLAINTS_MAX) report.complaints.push(text.slice(0, 200))
  }
}
