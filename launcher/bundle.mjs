/**
 * Bundles each long-running program into one file, over what the compiler wrote: only what is used of a package is loaded, which saves 11 MB
 * of memory a process, and a start reads a handful of files instead of hundreds. Not minified: stack traces stay readable. Escaped to
 * ASCII, since one character beyond Latin makes the engine keep the whole text at two bytes a character.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './build.mjs'
import { end } from './requirements.mjs'

const PROGRAMS = ['playout', 'control-center', 'agents/slicer', 'agents/edge', 'agents/ingest', 'agents/archive']
/** They look for files beside themselves while they run. */
const NOT_BUNDLED = ['@fastify/swagger', '@fastify/swagger-ui', '@node-rs/argon2', 'fluent-ffmpeg', 'ioredis']
/** Pino's worker threads, which no program of ours uses. */
const NEVER_REACHED = /thread-stream-worker|pino-worker|"file\.js"/

for (const program of PROGRAMS) {
  const bundle = await rolldown({
    input: join(root, program, 'main.ts'),
    platform: 'node',
    external: NOT_BUNDLED,
    tsconfig: false,
  })
  const { output } = await bundle.write({
    dir: join(root, 'dist', program),
    format: 'esm',
    chunkFileNames: 'bundled/[name]-[hash].js',
  })
  await bundle.close()
  for (const { fileName, code = '' } of output) {
    const lost = code.split('\n').filter((line) => /\b__(dirname|filename)\b/.test(line) && !NEVER_REACHED.test(line))
    if (lost.length > 0) end(`${program}/${fileName} would look for files that are not there:\n${lost.join('\n')}`)
    escapeToAscii(join(root, 'dist', program, fileName))
  }
}

/** Strings, patterns and templates mean the same with escapes; comments don't mind. */
function escapeToAscii(path) {
  const text = readFileSync(path, 'utf8')
  const escaped = text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  writeFileSync(path, escaped)
}
