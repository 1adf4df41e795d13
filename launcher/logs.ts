import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import type { Processes } from '../platform/processes.ts'

const LOG_BYTES_MAX = 20_000_000
const LOOK_EVERY_MS = 600_000

/** Keeps each program's log and its one predecessor below 20 MB: a station that runs for years must not fill its disk. */
export function keepLogsShort(options: {
  folder: string
  home: string
  projectFolder: string
  clock: Clock
  processes: Processes
}): () => void {
  const { folder, home, projectFolder, clock, processes } = options
  return clock.every(LOOK_EVERY_MS, () => {
    try {
      look()
    } catch (error) {
      // A folder that is gone, or a full disk: no reason to end the station.
      console.error(`The logs could not be begun anew: ${(error as Error).message}`)
    }
  })

  function look(): void {
    mkdirSync(folder, { recursive: true })
    const long = readdirSync(folder).filter(
      (name) => name.endsWith('.log') && statSync(join(folder, name)).size > LOG_BYTES_MAX,
    )
    if (long.length === 0) return
    for (const name of long) renameSync(join(folder, name), join(folder, `${name}.1`))
    const reopen = processes.start(process.execPath, [join(projectFolder, 'node_modules/pm2/bin/pm2'), 'reloadLogs'], {
      env: { ...process.env, PM2_HOME: home },
      stdio: 'ignore',
    })
    reopen.on('error', (error) => console.error(`The logs could not be begun anew: ${error.message}`))
  }
}
