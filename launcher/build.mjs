import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end } from './requirements.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const OLDEST_NODE = [20, 19]
const SOURCES = ['schemas', 'media', 'platform', 'playout', 'control-center', 'agents', 'launcher', 'test']
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts']

/** Node's version, the npm packages and the build: whatever of them is missing or out of date is put right. */
export function prepare() {
  requireNode()
  installPackages()
  buildIfStale()
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  end(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join('.')} or newer (https://nodejs.org).`)
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.airtight-lock')
  const lock = digest([join(root, 'package-lock.json')])
  if (textOf(stamp) === lock) return
  console.log('Installing npm packages ...')
  // Not `npm ci`: it refuses a lock without the linter's builds for other systems, which not every registry carries.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error']
  run('npm', ['install', ...flags], 'npm could not install the packages: see its message above.')
  writeFileSync(stamp, lock)
}

function buildIfStale() {
  const stamp = join(root, 'dist', '.airtight-build')
  const sources = digest([
    ...SOURCES.flatMap((folder) => filesBelow(join(root, folder))),
    ...SETTINGS.map((name) => join(root, name)),
  ])
  if (textOf(stamp) === sources) return
  console.log('Building ...')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run('npm', ['run', '--silent', 'build'], 'The build failed: see its messages above.')
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, sources)
}

/** Runs a program in the project's folder, or ends the process with the sentence. */
function run(command, args, sentence) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) end(sentence)
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function digest(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null)
