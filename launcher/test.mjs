/** `npm test`: installs what the tests need, builds, and runs every test; what follows `--` goes to vitest. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { prepare, root } from './build.mjs'
import { requirePrograms, TO_TEST } from './requirements.mjs'

requirePrograms(TO_TEST)
prepare()
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)
