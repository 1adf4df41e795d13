import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const PROGRAMS = ['control-center', 'playout', 'agents', 'launcher']
/** Each agent is a program of its own. */
const AGENTS = ['slicer', 'edge', 'ingest', 'archive'].map((name) => `agents/${name}`)
const SHARED = ['schemas', 'media', 'platform']
/** Run in a browser, where time is the browser's. */
const PAGES = ['agents/edge/listen-page/', 'control-center/studio-page/']
const isOfPage = (path: string): boolean => PAGES.some((page) => path.startsWith(page))
const LINES_PER_FILE_MAX = 400

const sources = [...PROGRAMS, ...SHARED]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map((match) => match[1]!)

/** What is asked of the clock, of chance and of the system, and where to get it instead. */
const BANNED: [RegExp, string][] = [
  [/\bDate\.now\(/, 'take a Clock (platform/clock.ts)'],
  [/\bnew Date\(\)/, 'take a Clock (platform/clock.ts)'],
  [/\bperformance\.now\(/, 'take a Clock (platform/clock.ts)'],
  [/\bprocess\.hrtime/, 'take a Clock (platform/clock.ts)'],
  [/\bset(Timeout|Interval)\(/, 'take a Clock (platform/clock.ts)'],
  [/\bMath\.random\(/, 'have randomness handed in'],
  [/(^|[^.\w])(spawn|spawnSync|execFile|execFileSync|fork)\(/m, 'take Processes (platform/processes.ts)'],
]

describe('the source', () => {
  it('reads no clock, no dice and starts no process outside platform/', () => {
    const found = sources
      .filter(({ path }) => !path.startsWith('platform/') && !isOfPage(path))
      .flatMap(({ path, text }) =>
        BANNED.filter(([pattern]) => pattern.test(text)).map(
          ([pattern, instead]) => `${path}: ${pattern.source} - ${instead}`,
        ),
      )
    expect(found).toEqual([])
  })

  it('has programs that import only themselves and what is shared: they meet on the wire', () => {
    const found = sources.flatMap(({ path, text }) => {
      const own = path.split('/')[0]!
      return importsOf(text)
        .filter((imported) => imported.startsWith('.'))
        .map((imported) => relative(root, resolve(root, path, '..', imported)))
        .filter((target) => ![own, ...SHARED].includes(target.split('/')[0]!))
        .map((target) => `${path} imports ${target}`)
    })
    expect(found).toEqual([])
  })

  it('has agents that import only themselves and what agents share', () => {
    const found = sources.flatMap(({ path, text }) => {
      const own = path.split('/').slice(0, 2).join('/')
      return importsOf(text)
        .filter((imported) => imported.startsWith('.'))
        .map((imported) => relative(root, resolve(root, path, '..', imported)))
        .filter((target) => AGENTS.some((agent) => agent !== own && target.startsWith(`${agent}/`)))
        .map((target) => `${path} imports ${target}`)
    })
    expect(found).toEqual([])
  })

  it('keeps media/ free of the outside', () => {
    const outside = /^node:(fs|net|http|https|child_process|dgram|tls|worker_threads|os)/
    const found = sources.filter(
      ({ path, text }) => path.startsWith('media/') && importsOf(text).some((imported) => outside.test(imported)),
    )
    expect(found.map(({ path }) => path)).toEqual([])
  })

  it('has no circle of imports', () => {
    const graph = new Map(
      sources.map(({ path, text }) => [
        path,
        [...text.matchAll(/^import (?!type)[^']*'(\.[^']+)'/gm)].map((match) =>
          relative(root, resolve(root, path, '..', match[1]!)),
        ),
      ]),
    )
    const circles: string[] = []
    const done = new Set<string>()
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
      else if (!done.has(path)) for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
      done.add(path)
    }
    for (const path of graph.keys()) visit(path, [])
    expect(circles).toEqual([])
  })

  it('has files of one thought', () => {
    expect(sources.filter(({ text }) => text.split('\n').length > LINES_PER_FILE_MAX).map(({ path }) => path)).toEqual(
      [],
    )
  })

  it('leaves no work for later in it', () => {
    expect(sources.filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('exports by name only', () => {
    expect(
      sources.filter(({ path, text }) => /^export default/m.test(text) && !isOfPage(path)).map(({ path }) => path),
    ).toEqual([])
  })
})
