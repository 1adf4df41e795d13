import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { makeDemo } from './make-demo.ts'

/** `--out DIR`: makes the demo programmes there, or leaves a complete set alone. Exits 1 with a sentence when it can't. */
try {
  const { values } = parseArgs({ options: { out: { type: 'string' } } })
  if (!values.out) throw new Error('Name the folder for them: --out DIR')
  const folder = resolve(values.out)
  const made = await makeDemo({ clock: systemClock, processes: systemProcesses }, folder)
  console.log(made ? `Demo programmes made in ${folder}` : `Demo programmes are complete in ${folder}`)
} catch (error) {
  console.error(`The demo programmes can't be made: ${(error as Error).message}`)
  process.exit(1)
}
