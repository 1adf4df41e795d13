import { appendFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { msOfSample } from '../../media/timeline.ts'
import { readFileIfThere } from '../../platform/files.ts'
import { compiledCheck } from '../../schemas/check.ts'
import { AsRunEntry } from '../../schemas/rundown.ts'
import { limits } from '../limits.ts'

const checkEntry = compiledCheck(AsRunEntry)
const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl$/
/** Days whose entries are held in memory: the control center asks each second, and a day of jingles is a megabyte to read. */
const DAYS_HELD_MAX = 3

/** What really played, one JSON line an item, one file a day of the station's time zone (by the item's start). */
export class AsRunLog {
  private readonly directory: string
  private readonly dayFormat: Intl.DateTimeFormat
  private readonly held = new Map<string, Map<string, AsRunEntry>>()
  private unwritten: AsRunEntry[] = []

  constructor(directory: string, timeZone: string) {
    this.directory = directory
    this.dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  }

  /** The entry is in the log from now on; it is on disk after the next {@link flush} that succeeds. */
  append(entry: AsRunEntry): void {
    this.entriesOf(this.dayOf(entry.startSample)).set(keyOf(entry), entry)
    if (this.unwritten.length >= limits.asRunUnwrittenMax) this.unwritten.shift()
    this.unwritten.push(entry)
  }

  /** Writes what is not written yet. Null, or the reason why the disk refuses: then it is kept for the next time. */
  flush(): string | null {
    try {
      while (this.unwritten.length > 0) {
        const entry = this.unwritten[0]!
        const path = join(this.directory, `${this.dayOf(entry.startSample)}.jsonl`)
        mkdirSync(this.directory, { recursive: true })
        appendFileSync(path, `${JSON.stringify(entry)}\n`)
        this.unwritten.shift()
      }
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  /** `YYYY-MM-DD` in the station's zone. */
  dayOf(sample: number): string {
    return this.dayFormat.format(new Date(msOfSample(sample)))
  }

  /** The entries of a day, in order. After a crash an entry may stand twice in the file; here it stands once. */
  ofDay(day: string): AsRunEntry[] {
    return [...this.entriesOf(day).values()].sort((a, b) => a.startSample - b.startSample)
  }

  /** Entries that ended after a sample, from the newest two days. */
  since(sample: number): AsRunEntry[] {
    return this.days()
      .slice(-2)
      .flatMap((day) => this.ofDay(day))
      .filter((entry) => entry.endSample > sample)
  }

  private days(): string[] {
    const days = new Set(this.held.keys())
    try {
      for (const name of readdirSync(this.directory)) if (DAY_FILE.test(name)) days.add(name.slice(0, 10))
    } catch {
      // No folder yet, or a disk that fails: what is in memory serves.
    }
    return [...days].sort()
  }

  private entriesOf(day: string): Map<string, AsRunEntry> {
    const entries = this.held.get(day) ?? this.read(day)
    this.held.delete(day)
    this.held.set(day, entries)
    for (const oldest of this.held.keys()) {
      if (this.held.size <= DAYS_HELD_MAX) break
      this.held.delete(oldest)
    }
    return entries
  }

  private read(day: string): Map<string, AsRunEntry> {
    const entries = new Map<string, AsRunEntry>()
    for (const line of this.textOf(day).split('\n')) {
      const entry = parsed(line)
      if (entry) entries.set(keyOf(entry), entry)
    }
    for (const entry of this.unwritten) if (this.dayOf(entry.startSample) === day) entries.set(keyOf(entry), entry)
    return entries
  }

  private textOf(day: string): string {
    try {
      return readFileIfThere(join(this.directory, `${day}.jsonl`)) ?? ''
    } catch {
      return ''
    }
  }
}

const keyOf = (entry: AsRunEntry): string => `${entry.itemId} ${entry.startSample}`

/** A line that was torn by a crash is passed over. */
function parsed(line: string): AsRunEntry | null {
  if (line === '') return null
  try {
    const checked = checkEntry(JSON.parse(line))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}
