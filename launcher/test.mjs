/** `npm test`: installs what the tests need, builds, and runs every test; what follows `--` goes to vitest. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare, root } from './build.mjs'
import { requirePrograms, TO_TEST } from './requirements.mjs'

requirePrograms(TO_TEST)
prepare()
const folder = mkdtempSync(join(tmpdir(), 'airtight-test-'))
const results = join(folder, 'results.json')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
printTotals(results)
rmSync(folder, { recursive: true })
process.exit(status ?? 1)

/** The last line, for machines that read it. */
function printTotals(path) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(path, 'utf8'))
    console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
  } catch {
    console.log('The tests did not come to an end: no results were written.')
  }
}
