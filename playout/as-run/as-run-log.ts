import { appendFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { msOfSample } from '../../media/timeline.ts'
import { readFileIfThere } from '../../platform/files.ts'
import { check } from '../../schemas/check.ts'
import { AsRunEntry } from '../../schemas/rundown.ts'

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl$/

/** What really played, one JSON line an item, one file a day of the station's time zone (by the item's start). */
export class AsRunLog {
  private readonly directory: string
  private readonly dayFormat: Intl.DateTimeFormat

  constructor(directory: string, timeZone: string) {
    this.directory = directory
    this.dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    mkdirSync(directory, { recursive: true })
  }

  /** Throws the file system's error. */
  append(entry: AsRunEntry): void {
    appendFileSync(join(this.directory, `${this.dayOf(entry.startSample)}.jsonl`), `${JSON.stringify(entry)}\n`)
  }

  /** `YYYY-MM-DD` in the station's zone. */
  dayOf(sample: number): string {
    return this.dayFormat.format(new Date(msOfSample(sample)))
  }

  /** The entries of a day, in order. After a crash an entry may stand twice in the file; here it stands once. */
  ofDay(day: string): AsRunEntry[] {
    const entries = new Map<string, AsRunEntry>()
    for (const line of (readFileIfThere(join(this.directory, `${day}.jsonl`)) ?? '').split('\n')) {
      const entry = parsed(line)
      if (entry) entries.set(`${entry.itemId} ${entry.startSample}`, entry)
    }
    return [...entries.values()].sort((a, b) => a.startSample - b.startSample)
  }

  /** Entries that ended after a sample, from the newest two days. */
  since(sample: number): AsRunEntry[] {
    const days = readdirSync(this.directory)
      .filter((name) => DAY_FILE.test(name))
      .sort()
      .slice(-2)
    return days.flatMap((name) => this.ofDay(name.slice(0, 10))).filter((entry) => entry.endSample > sample)
  }
}

/** A line that was torn by a crash is passed over. */
function parsed(line: string): AsRunEntry | null {
  if (line === '') return null
  try {
    const checked = check(AsRunEntry, JSON.parse(line))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}
