import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { SRT_LIMITS } from '../limits.ts'
import { SrtPort } from './srt-port.ts'

export type SrtOptions = {
  host: string
  feeds: Feeds
  grants(): readonly LiveGrant[]
  processes: Processes
  clock: Clock
  random(): number
  log: Logger
}

export type SrtPorts = { ports(): number[]; close(): void }

/** Keeps a port open for each key that has one of its own. */
export function startSrt(options: SrtOptions): SrtPorts {
  const open = new Map<string, { port: number; listening: SrtPort }>()

  function look(): void {
    const wanted = new Map(options.grants().flatMap(({ keyId, srt }) => (srt ? [[keyId, srt] as const] : [])))
    for (const [keyId, { listening }] of open) {
      const srt = wanted.get(keyId)
      if (srt && listening.is(srt.port, srt.passphrase)) continue
      listening.close()
      open.delete(keyId)
    }
    for (const [keyId, { port, passphrase }] of wanted) {
      if (open.has(keyId) || open.size >= SRT_LIMITS.portsMax) continue
      open.set(keyId, { port, listening: new SrtPort({ ...options, keyId, port, passphrase }) })
    }
  }

  const stop = options.clock.every(SRT_LIMITS.lookEveryMs, look)
  look()
  return {
    ports: () => [...open.values()].map(({ port }) => port),
    close() {
      stop()
      for (const { listening } of open.values()) listening.close()
    },
  }
}
