import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepLogsShort } from '../../launcher/logs.ts'
import { portsProblem } from '../../launcher/ports.ts'
import { secretsFor } from '../../launcher/secrets.ts'
import { startSupervisor } from '../../launcher/supervisor.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { lockFolder } from '../../platform/folder-lock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { defaultStation } from '../../platform/station-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-launcher-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a station that is up', () => {
  it('goes on when its supervisor is killed: another is started', async () => {
    // In PM2's place: writes its process id down, and ends when it is asked to.
    const bin = join(folder, 'node_modules/pm2/bin')
    mkdirSync(bin, { recursive: true })
    const script = `require('fs').appendFileSync(${JSON.stringify(join(folder, 'pids'))}, process.pid + '\\n')
      process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000)`
    writeFileSync(join(bin, 'pm2-runtime'), script)
    const pids = (): number[] =>
      existsSync(join(folder, 'pids'))
        ? [...readFileSync(join(folder, 'pids'), 'utf8').matchAll(/(\d+)\n/g)].map(([, id]) => Number(id))
        : []
    const started = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (pids().length < count) return
          watcher.close()
          resolve()
        }
        const watcher = watch(folder, look)
        look()
      })
    const supervisor = startSupervisor({
      projectFolder: folder,
      dataFolder: folder,
      environment: process.env,
      processes: systemProcesses,
      clock: systemClock,
    })
    await started(1)
    process.kill(pids()[0]!, 'SIGKILL')
    await started(2)
    await supervisor.stop()
    expect(() => process.kill(pids()[1]!, 0)).toThrow('ESRCH')
  })

  it('goes on when someone removes its folder of logs', () => {
    let look: () => void = () => {}
    const clock: Clock = {
      ...systemClock,
      every(_intervalMs, callback) {
        look = callback
        return () => {}
      },
    }
    const logs = join(folder, 'logs')
    keepLogsShort({ folder: logs, home: folder, projectFolder: folder, clock, processes: systemProcesses })
    look()
    expect(existsSync(logs)).toBe(true)
    rmSync(logs, { recursive: true })
    writeFileSync(logs, 'a file where the folder should be')
    expect(look).not.toThrow()
  })

  it('has its data folder for itself until it ends', async () => {
    expect(await lockFolder(folder)).toBe(true)
    expect(await lockFolder(`${folder}/.`)).toBe(false)
    expect(await lockFolder(join(folder, 'another'))).toBe(true)
  })
})

describe('a station that can’t start', () => {
  it('says whether an address is not its own, or a port is not free', async () => {
    const port = { name: 'edge', port: 0 }
    expect(await portsProblem('127.0.0.1', [port])).toBeNull()
    expect(await portsProblem('203.0.113.7', [port])).toContain('203.0.113.7 is not an address of this machine')
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const held = typeof address === 'object' && address ? address.port : 0
    expect(await portsProblem('127.0.0.1', [{ name: 'edge', port: held }])).toContain(`holds port ${held} (edge)`)
    other.close()
  })

  it('does not make new secrets over damaged ones', () => {
    writeFileSync(join(folder, 'secrets.json'), '{"AIRTIGHT_')
    expect(() => secretsFor(defaultStation(), folder, {})).toThrow('damaged')
  })
})
