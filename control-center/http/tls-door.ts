import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { type Certificate, readCertificate } from '../../platform/certificate.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { App } from './server.ts'

/** A certificate that was renewed on disk is in use within this time. */
const LOOK_MS = 30_000

/**
 * The same app by TLS, for as long as the station file names a certificate. One that can't be used is an alarm, and the last good one goes
 * on; a port that is taken is one too, and tried again.
 */
export async function openTlsDoor(options: {
  app: App
  host: string
  port: number
  /** Absolute paths of the PEM files; null: no TLS. */
  paths(): { certificate: string; key: string } | null
  clock: Clock
  log: Logger
}) {
  const { app, host, port, paths, clock, log } = options
  let server: Server | null = null
  let used = ''
  let alarm: string | null = null
  let looking: Promise<void> | null = null

  const settle = (next: string | null): void => {
    if (next !== null && next !== alarm) log.error(next)
    alarm = next
  }
  async function open(certificate: Certificate): Promise<Server> {
    const opened = createServer(certificate, (request, response) => app.routing(request, response))
    const { requestTimeout, headersTimeout, keepAliveTimeout, timeout } = app.server
    Object.assign(opened, { requestTimeout, headersTimeout, keepAliveTimeout, timeout })
    opened.listen({ host, port })
    await once(opened, 'listening')
    log.info({ host, port }, 'the control center is there by TLS too')
    return opened
  }
  function close(): void {
    server?.close()
    server?.closeAllConnections()
    server = null
    used = ''
  }
  async function look(): Promise<void> {
    const named = paths()
    if (named === null) {
      close()
      return settle(null)
    }
    const read = readCertificate(named)
    if (!read.ok) return settle(`${read.problem} ${server ? 'The last good one goes on.' : 'There is no TLS.'}`)
    const { certificate } = read
    try {
      if (!server) server = await open(certificate)
      else if (used !== certificate.cert + certificate.key) server.setSecureContext(certificate)
      used = certificate.cert + certificate.key
      settle(null)
    } catch (error) {
      settle(`The control center can't listen for TLS on ${host}:${port}: ${(error as Error).message}.`)
    }
  }
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }
  const stopLooking = clock.every(LOOK_MS, () => void lookOnce())
  await lookOnce()

  return {
    /** Looks at the station file and the certificate now. */
    look: lookOnce,
    alarms: (): string[] => (alarm === null ? [] : [alarm]),
    async close(): Promise<void> {
      stopLooking()
      await looking
      close()
    },
  }
}
