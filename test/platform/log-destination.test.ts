import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Programs of their own, so that their end can be seen. They need the build. */

const built = join(import.meta.dirname, '..', '..', 'dist', 'platform', 'log.js')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-log-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function start(name: string, program: string) {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(
    path,
    `import { createLogger } from ${JSON.stringify(built)}\nconst log = createLogger('test')\n${program}`,
  )
  return spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'pipe'] })
}

describe('the log', () => {
  it('lets a program end whose supervisor is gone: nobody reads its last line', async () => {
    const child = start(
      'gone',
      `log.info('begun')
process.stdin.on('end', () => { log.info('ending'); process.exit(7) }).resume()`,
    )
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await once(child.stdout, 'close')
    child.stdin.end()
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(5_000) })
    expect(code).toBe(7)
  })

  it('writes every line in order, the last one before the end too', async () => {
    const child = start(
      'whole',
      `for (let n = 0; n < 5_000; n++) log.info({ n }, 'a line')\nlog.fatal('the last')\nprocess.exit(3)`,
    )
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString('utf8')
    })
    const [code] = await once(child, 'close')
    const lines = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n?: number; msg: string })
    expect(code).toBe(3)
    expect(lines.slice(0, -1).map(({ n }) => n)).toEqual(Array.from({ length: lines.length - 1 }, (_, n) => n))
    expect(lines.length).toBeGreaterThan(100)
  })

  it('does not hold up a program whose output nobody takes', async () => {
    const child = start(
      'stuck',
      `const line = 'x'.repeat(1_000)
for (let n = 0; n < 20_000; n++) log.info(line)
setTimeout(() => process.stderr.write('still at work'), 300)`,
    )
    child.stdout.pause()
    const [said] = await once(child.stderr, 'data', { signal: AbortSignal.timeout(8_000) })
    child.kill('SIGKILL')
    expect(said.toString()).toBe('still at work')
  })
})
