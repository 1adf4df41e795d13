import { msOfSample } from '../../media/timeline.ts'
import { sleep, systemClock } from '../../platform/clock.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { FREQUENCIES } from '../end-to-end/support/tone-music.ts'
import { findClicks } from '../oracle/clicks.ts'
import { compareUnits } from '../oracle/compare-units.ts'
import { type EndlessReport, listenToEndless } from '../oracle/endless.ts'
import { listen } from '../oracle/listen.ts'
import { lengthOf, type Pcm, sliceOf } from '../oracle/pcm.ts'
import { printReport } from '../oracle/print-report.ts'
import type { ListenReport } from '../oracle/report.ts'
import { itemsHeard } from '../oracle/tone-items.ts'
import { Tally } from './tally.ts'

/** Longer than anybody listens, shorter than a timer may run. */
const ENDLESS_SECONDS = 2_000_000
const RECONNECT_MS = 250
/** A connection shorter than this may hold steady tones alone, whose frames are in many places. */
const COMPARABLE_FRAMES = 5_000
/** Sound is looked at in pieces, so that the listeners of the moment get their turn. */
const PIECE_SECONDS = 2

export type Heard = {
  seconds: number
  /** The oracle's table, and a line on the endless stream. */
  printed: string
  failures: string[]
}

/** A player and an endless stream at the edge of a station, until it is enough. */
export class Listener {
  readonly tally = new Tally()
  readonly heard: Promise<Heard>
  private readonly enough = new AbortController()
  private readonly isExcused: () => boolean
  private markFirst = (): void => {}
  /** Resolves when the first segment is there. */
  readonly hears = new Promise<void>((resolve) => {
    this.markFirst = resolve
  })

  /** `isExcused` tells whether the end of an endless stream at this moment is the doing of a fault that ends connections. */
  constructor(station: Station, isExcused: () => boolean) {
    this.isExcused = isExcused
    this.heard = this.listen(station)
    this.heard.catch(() => this.markFirst())
  }

  end(): void {
    this.enough.abort()
  }

  private async listen(station: Station): Promise<Heard> {
    const [report, streams] = await Promise.all([
      listen(station.master(station.edge), {
        seconds: ENDLESS_SECONDS,
        enough: this.enough.signal,
        onSegment: (segment) => {
          this.tally.add(segment)
          this.markFirst()
        },
      }),
      this.stream(`${station.edge}/stream/${station.id}/high.aac`),
    ])
    const truth = report.recording.segments.flatMap(({ units }) => units)
    const compared = streams.connections.map(({ units }) => compareUnits(units, truth))
    const sum = (of: (connection: EndlessReport) => number): number =>
      streams.connections.reduce((total, connection) => total + of(connection), 0)
    const stallMs = sum((connection) => connection.stallMs)
    const failures = [
      ...report.failures,
      ...streams.failures,
      ...(stallMs < 1 ? [] : [`the endless stream stalled for ${Math.round(stallMs)} ms`]),
      ...(sum(({ headerErrors }) => headerErrors) === 0 ? [] : ['the row of frames of the endless stream broke']),
      ...compared.flatMap(({ offset, breaks }, index) =>
        offset === null && streams.connections[index]!.units.length > COMPARABLE_FRAMES
          ? ['the endless stream has nothing in common with the segments']
          : breaks.map(
              ({ atUnit, missing, extra }) =>
                `the endless stream leaves the segments at its frame ${atUnit}: ${missing} missing, ${extra} too many`,
            ),
      ),
      ...(await soundOf(report)),
    ]
    const least = streams.connections.map(({ leastBufferMs }) => leastBufferMs ?? Number.POSITIVE_INFINITY)
    const line =
      `endless stream: ${streams.connections.length} connections, ${sum(({ frames }) => frames)} frames, ` +
      `${compared.reduce((total, one) => total + one.compared, 0)} compared with the segments, ` +
      `stall ${Math.round(stallMs)} ms, least buffer ${(Math.min(...least) / 1000).toFixed(2)} s`
    return { seconds: report.sound?.seconds ?? 0, printed: `${printReport(report)}\n\n${line}`, failures }
  }

  /** A car radio: when its connection ends it makes another. */
  private async stream(url: string): Promise<{ connections: EndlessReport[]; failures: string[] }> {
    const connections: EndlessReport[] = []
    const failures: string[] = []
    const { signal } = this.enough
    while (!signal.aborted) {
      const report = await listenToEndless(url, { seconds: ENDLESS_SECONDS, enough: signal })
      connections.push(report)
      if (report.endedEarly === null) break
      if (!this.isExcused()) failures.push(`the endless stream ended: ${report.endedEarly}`)
      await sleep(systemClock, RECONNECT_MS)
    }
    return { connections, failures }
  }
}

/** Always a tone of the programme, and no click. */
async function soundOf({ recording: { pcm, firstSample } }: ListenReport): Promise<string[]> {
  if (!pcm || firstSample === null) return []
  const failures: string[] = []
  const timeOf = (sample: number): string => new Date(msOfSample(firstSample + sample)).toISOString().slice(11, 23)
  const length = PIECE_SECONDS * pcm.sampleRate
  const overlap = pcm.sampleRate / 20
  // The first frame lacks its overlap: what it decodes to is not what the station sent.
  for (let from = 1024; from + overlap < lengthOf(pcm); from += length) {
    const piece: Pcm = sliceOf(pcm, from, Math.min(lengthOf(pcm), from + length + overlap))
    const isNew = (sample: number): boolean => from === 1024 || sample >= overlap / 2
    for (const { atSample, dbfs } of findClicks(piece, FREQUENCIES))
      if (isNew(atSample) && atSample < length + overlap / 2)
        failures.push(`a click of ${dbfs.toFixed(0)} dBFS at ${timeOf(from + atSample)}`)
    for (const { fromSample, toSample } of itemsHeard(piece, FREQUENCIES).gaps)
      failures.push(
        `no tone of the programme from ${timeOf(from + fromSample)} for ${Math.round((toSample - fromSample) / 48)} ms`,
      )
    await sleep(systemClock, 0)
  }
  return failures
}
