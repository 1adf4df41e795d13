import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificate } from '../../../platform/certificate.ts'
import type { StatusAnswer } from '../../../schemas/api.ts'
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ADMIN, makeFirstAdmin } from '../support/people.ts'
import { type Station, startStation } from '../support/station.ts'

describe('the control center by TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'airtight-tls-'))
  const paths = { certificate: join(folder, 'radio.pem'), key: join(folder, 'radio.key') }
  const put = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(paths.certificate, cert)
    writeFileSync(paths.key, key)
  }
  let station: Station
  let tlsPort: number
  beforeAll(async () => {
    put(FIRST_CERTIFICATE)
    tlsPort = await freePort()
    station = await startStation({ tlsPort })
    await makeFirstAdmin(station)
  })
  afterAll(async () => {
    await station.end()
    rmSync(folder, { recursive: true, force: true })
  })
  const useTls = (named = paths) => station.addToStationFile(`tls: ${JSON.stringify(named)}\n`)

  /** Asks by TLS; answers who the server says it is, too. Null when nobody answers. */
  const ask = (method: string, path: string, body?: unknown) =>
    new Promise<{ status: number; name: string; setCookie: string } | null>((resolve) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' }
      const options = {
        host: '127.0.0.1',
        port: tlsPort,
        method,
        path,
        headers,
        rejectUnauthorized: false,
        agent: false,
      }
      const asked = request(options, (answer) => {
        const name = (answer.socket as TLSSocket).getPeerCertificate().subject.CN
        answer.resume()
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            name: String(name),
            setCookie: String(answer.headers['set-cookie']),
          }),
        )
      })
      asked.on('error', () => resolve(null))
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const alarms = async () =>
    (await station.get<StatusAnswer>('/api/status')).alarms.filter((alarm) => /ertificate/.test(alarm))

  it('is there once the station file names a certificate, and its cookie is for TLS only', async () => {
    expect(await ask('GET', '/api/session')).toBeNull()
    useTls()
    await eventually(async () => (await ask('GET', '/api/session'))?.status).toBe(200)
    const signedIn = await ask('POST', '/api/session', ADMIN)
    expect(signedIn).toMatchObject({ status: 200, name: FIRST_CERTIFICATE.name })
    expect(signedIn?.setCookie).toMatch(/Secure/)
  })

  it('says what is wrong with a certificate, and goes on with the last good one; a good one is taken up without a restart', async () => {
    writeFileSync(paths.key, SECOND_CERTIFICATE.key)
    station.addToStationFile(`tls: ${JSON.stringify(paths)}\nlisten: { publicHost: radio.example.org }\n`)
    await eventually(alarms).toEqual([expect.stringMatching(/can't be used together.*The last good one goes on/)])
    expect((await ask('GET', '/api/session'))?.name).toBe(FIRST_CERTIFICATE.name)
    put(SECOND_CERTIFICATE)
    useTls()
    await eventually(async () => (await ask('GET', '/api/session'))?.name).toBe(SECOND_CERTIFICATE.name)
    expect(await alarms()).toEqual([])
  })

  it('is gone when the station file names none any more', async () => {
    station.addToStationFile('')
    await eventually(() => ask('GET', '/api/session')).toBeNull()
    expect((await fetch(`${station.url}/api/session`)).status).toBe(200)
  })

  it('names the file that cannot be read', () => {
    const missing = { ...paths, key: join(folder, 'nothing.key') }
    expect(readCertificate(missing)).toEqual({
      ok: false,
      problem: `The certificate's key ${missing.key} can't be read: there is no such file.`,
    })
    writeFileSync(paths.certificate, 'not a certificate')
    expect(readCertificate(paths)).toMatchObject({ ok: false, problem: expect.stringContaining('not PEM') })
  })
})
