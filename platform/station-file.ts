import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml'
import { check } from '../schemas/check.ts'
import { StationFile } from '../schemas/station.ts'
import { replaceFile } from './files.ts'
import { type DocumentPath, type DocumentProblem, problemsOf } from './station-file-problems.ts'
import { overlapWarningsOf, senseProblemsOf } from './station-file-sense.ts'

const FILE_BYTES_MAX = 1_000_000

export type LoadedStation =
  /** `path` is absolute; so is `station.musicFolder`, unless it is null. Warnings are sentences like problems. */
  { ok: true; station: StationFile; path: string; warnings: string[] } | { ok: false; problems: string[] }

/**
 * Reads the station file (YAML). Never throws: what is wrong comes back as sentences for a person, each with the path of
 * the field, the wrong value, an example of right, and the line:
 * `programme.shows[2].start: "25:00" is not a time of day; write it like 20:00 (line 41)`.
 * An empty section (`programme:` with nothing below it) counts as not written.
 */
export function loadStationFile(path: string): LoadedStation {
  const absolute = resolve(path)
  const read = readText(absolute)
  return 'problem' in read ? { ok: false, problems: [read.problem] } : readStation(read.text, absolute)
}

/**
 * For supervised programs, which never refuse: a good file is kept at `keepPath`; when the file is wrong or gone, the kept
 * one is used, and without one the built-in defaults. `alarm` says so in a sentence; null when the file is good.
 * The kept copy holds every field, with an absolute music folder, so that it means the same wherever it lies.
 */
export function loadStationFileOrLastGood(
  path: string,
  keepPath: string,
): { station: StationFile; from: 'file' | 'last-good' | 'defaults'; alarm: string | null; warnings: string[] } {
  const loaded = loadStationFile(path)
  if (loaded.ok) {
    const notKept = keep(loaded.station, keepPath)
    return { station: loaded.station, from: 'file', alarm: notKept, warnings: loaded.warnings }
  }
  const why = `The station file ${resolve(path)} can't be used: ${loaded.problems.join('; ')}.`
  const kept = loadStationFile(keepPath)
  if (kept.ok)
    return {
      station: kept.station,
      from: 'last-good',
      alarm: `${why} The last good one goes on.`,
      warnings: kept.warnings,
    }
  return {
    station: defaultStation(),
    from: 'defaults',
    alarm: `${why} No good one was ever kept: the built-in defaults go on.`,
    warnings: [],
  }
}

/** The station that an empty file describes. */
export function defaultStation(): StationFile {
  const checked = check(StationFile, {})
  if (!checked.ok) throw new Error(`the station's defaults don't fit their own schema: ${checked.problems[0]?.message}`)
  return checked.value
}

function readText(path: string): { text: string } | { problem: string } {
  try {
    const size = statSync(path)
    if (size.isDirectory()) return { problem: `${path} is a folder; name the station file in it, like station.yaml` }
    if (size.size > FILE_BYTES_MAX)
      return { problem: `${path} has ${size.size} bytes, more than a station file may have (${FILE_BYTES_MAX})` }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT')
      return { problem: `${path}: there is no such file; copy deploy/station.example.yaml to begin` }
    if (code === 'EACCES') return { problem: `${path}: this user may not read the file` }
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { problem: `${path} is not UTF-8 text; save it again as UTF-8` }
    return { problem: `${path} can't be read: ${(error as Error).message}` }
  }
}

function readStation(text: string, path: string): LoadedStation {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length)
    return {
      ok: false,
      problems: document.errors.slice(0, 5).map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        const what = error.message.replace(/[.:]?\s*$/, '')
        return `the file is not valid YAML: ${what}; look for a wrong indent, quote or colon (line ${line}, column ${col})`
      }),
    }
  const sentence = (problem: DocumentProblem): string => {
    const line = lineOf(document.contents, problem.path, lines)
    return `${asField(problem.path)}: ${problem.message}${line ? ` (line ${line})` : ''}`
  }
  let written: unknown
  try {
    written = withoutEmpty(document.toJS(), StationFile)
  } catch (error) {
    return { ok: false, problems: [`the file is not usable YAML: ${(error as Error).message}`] }
  }
  const checked = check(StationFile, written)
  if (!checked.ok) {
    const explained = problemsOf(StationFile, written).map(sentence)
    const bare = checked.problems.map((problem) => `${problem.path}: ${problem.message}`)
    return { ok: false, problems: explained.length ? explained : bare }
  }
  const station = checked.value
  const senseless = senseProblemsOf(station)
  if (senseless.length) return { ok: false, problems: senseless.map(sentence) }
  if (station.musicFolder !== null) station.musicFolder = resolve(dirname(path), station.musicFolder)
  if (station.tls !== null) {
    station.tls.certificate = resolve(dirname(path), station.tls.certificate)
    station.tls.key = resolve(dirname(path), station.tls.key)
  }
  return { ok: true, station, path, warnings: overlapWarningsOf(station).map(sentence) }
}

/** Drops fields that were named and left empty, where null says nothing: an owner comments the lines below a heading out. */
function withoutEmpty(value: unknown, schema: unknown): unknown {
  if (value === null || value === undefined) return schema === StationFile ? {} : value
  if (typeof value !== 'object' || Array.isArray(value)) return value
  const fields = (schema as { properties?: Record<string, { type?: string; default?: unknown }> }).properties ?? {}
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, field]) => !(field === null && fields[name]?.default !== undefined && fields[name]?.type))
      .map(([name, field]) => [name, withoutEmpty(field, fields[name] ?? {})]),
  )
}

/** `['programme', 'shows', 2, 'start']` → `programme.shows[2].start`. */
function asField(path: DocumentPath): string {
  if (!path.length) return 'the station file'
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index ? `.${step}` : step)).join('')
}

/** The line of a field, or of the nearest group around it that is really there. */
function lineOf(contents: unknown, path: DocumentPath, lines: LineCounter): number | undefined {
  let node = contents
  let line: number | undefined
  for (const step of path) {
    let place: Node | undefined
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step)
      place = pair?.key as Node | undefined
      node = pair?.value
    } else if (isSeq(node)) {
      node = node.items[step as number]
      place = node as Node | undefined
    }
    if (!place?.range) break
    line = lines.linePos(place.range[0]).line
  }
  return line
}

/** Null when the copy is kept; else the alarm. A full disk must not take a good station off the air. */
function keep(station: StationFile, keepPath: string): string | null {
  const text = `# The last good station file, kept by the program. Edit the original, not this.\n${stringify(station)}`
  try {
    replaceFile(keepPath, text)
    return null
  } catch (error) {
    return `The good station file can't be kept at ${keepPath}: ${(error as Error).message}.`
  }
}
