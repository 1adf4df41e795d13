import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import type { Bench } from './bench.ts'
import { delivery } from './delivery.ts'
import { fanOut } from './fan-out.ts'
import { handoff } from './handoff.ts'
import { pacing } from './pacing.ts'
import { World } from './parts/world.ts'
import { plan } from './plan.ts'
import { splice } from './splice.ts'
import { station } from './station.ts'
import { wire } from './wire.ts'

/** `npm run bench [-- name … [--only one]]`: measures what is named, or everything; of what a bench compares, only one. Numbers of one run are comparable; those of two machines are not. */
const benches: readonly Bench[] = [wire, splice, plan, delivery, pacing, fanOut, station, handoff]

const { values, positionals: wanted } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are:`)
  for (const { name, about } of benches) console.error(`  ${name.padEnd(10)}${about}`)
  process.exit(1)
}

let world: World | null = null
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (world) void world.end().then(() => process.exit(1))
    else process.exit(1)
  })

console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`)
for (const bench of benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n== ${bench.name}: ${bench.about} (load of the machine before: ${loadAverage()})`)
  const startMs = systemClock.monotonicMs()
  world = new World(values.only ?? null)
  try {
    await bench.run(world)
  } catch (error) {
    process.exitCode = 1
    console.error(`${bench.name} failed: ${(error as Error).stack}`)
  }
  await world.end()
  world = null
  const seconds = Math.round((systemClock.monotonicMs() - startMs) / 1000)
  console.log(`   ${bench.name} took ${seconds} s; load after: ${loadAverage()}`)
}
process.exit()

function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'latin1').split(' ').slice(0, 2).join(' ')
}
