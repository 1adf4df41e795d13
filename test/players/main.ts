import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createBrowserPlayers } from './browser-players.ts'
import { commandLinePlayers } from './command-line-players.ts'
import { tryPlayers } from './grid.ts'
import { PATH_NAMES, pathsOf } from './paths.ts'
import { printGrid } from './print-grid.ts'
import { startReference } from './reference.ts'

const USAGE = `npm run players -- URL [--seconds N] [--rendition NAME] [--player NAME,…] [--path NAME,…] [--at-once N] [--json]

Plays a station in every player that is installed, over every path, and holds what was heard against what was sent: no step, no silence,
nothing strange. URL is the edge's master playlist. Ends with 0 when every cell is ok or named as something that the player can't do.

  --seconds N      how much each player plays (default 20)
  --rendition NAME default high
  --player, --path only these: ${PATH_NAMES.join(', ')}
  --at-once N      players side by side (default 2)`

const options = {
  seconds: { type: 'string', default: '20' },
  rendition: { type: 'string', default: 'high' },
  player: { type: 'string' },
  path: { type: 'string' },
  'at-once': { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [url, ...more] = positionals
  if (values.help || !url || more.length > 0) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
  process.once('SIGTERM', () => interrupted.abort(new Error('ended')))
  const { signal } = interrupted
  const paths = pathsOf(url, values.rendition)
  const browsers = createBrowserPlayers()
  const chosen = values.player?.split(',')
  const players = [...commandLinePlayers, ...browsers.players].filter(({ name }) => chosen?.includes(name) ?? true)
  const wanted = PATH_NAMES.filter((name) => values.path?.split(',').includes(name) ?? true)
  const folder = await mkdtemp(join(tmpdir(), 'players-'))
  await chmod(folder, 0o755)
  const reference = startReference(paths['hls-adts'], signal)
  try {
    await reference.begun
    const cells = await tryPlayers({
      players,
      paths,
      wanted,
      reference,
      folder,
      signal,
      seconds: Number(values.seconds),
      atOnce: Number(values['at-once']),
      onCell({ player, path, result, sentence }) {
        if (result !== 'cannot') console.error(`${player}, ${path}: ${sentence}`)
      },
    })
    const names = players.map(({ name }) => name)
    console.log(values.json ? JSON.stringify(cells, null, 2) : printGrid(cells, names, wanted))
    return cells.some(({ result }) => result === 'wrong') ? 1 : 0
  } finally {
    await reference.stop()
    await browsers.close()
    await rm(folder, { recursive: true, force: true })
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`the players could not be tried: ${(error as Error).message}`)
  process.exitCode = 2
}
