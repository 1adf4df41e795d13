import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Accounts, createAccounts } from '../../../control-center/accounts/accounts.ts'
import { systemClock } from '../../../platform/clock.ts'
import { pushSignatureOf } from '../../../platform/credentials.ts'
import { connectRedis, type KeyValueStore } from '../../../platform/redis.ts'
import type { KeyCreation, Slot } from '../../../schemas/accounts.ts'
import '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'

const EVENING: Slot = { days: ['fri', 'sat'], start: '20:00', end: '02:00' }
const orderOf = (change: Partial<KeyCreation> = {}): KeyCreation => ({
  label: 'OBS at home',
  goLive: 'manual',
  slots: null,
  srt: null,
  ...change,
})

describe('push keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'airtight-keys-'))
  const time = { nowMs: Date.UTC(2026, 4, 1) }
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: KeyValueStore
  let accounts: Accounts
  let anchorId: string
  beforeAll(async () => {
    server = await startRedis()
    const log = pino({ level: 'silent' })
    redis = connectRedis(server.url, systemClock, log)
    const usable = new Promise<void>((resolve) => redis.onUsable(resolve))
    const options = { dataFolder: folder, stationId: 'test-radio', redis, clock: systemClock, log }
    accounts = createAccounts({ ...options, nowMs: () => time.nowMs })
    await usable
    anchorId = (await accounts.people.add({ name: 'Anna', roles: ['anchor'], password: null })).id
  })
  afterAll(async () => {
    accounts.stop()
    redis.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is shown once, and told on as a hash, with its slots, to whoever makes grants of it', async () => {
    let changes = 0
    accounts.onChange(() => {
      changes += 1
    })
    const made = await accounts.people.makeKey(anchorId, orderOf({ slots: [EVENING], srt: { port: 9001 } }))
    expect(changes).toBe(1)
    expect(made.pushKey).toMatch(/^[0-9a-f]{32}$/)
    expect(made.srt?.passphrase.length).toBeGreaterThanOrEqual(10)
    const [record] = accounts.keys()
    expect(record).toMatchObject({ anchorId, name: 'Anna', goLive: 'manual', slots: [EVENING], srt: made.srt })
    expect(record?.keySha256).toBe(createHash('sha256').update(made.pushKey).digest('hex'))
    expect(JSON.stringify(accounts.people.views())).not.toContain(made.srt?.passphrase)
  })

  it('signs stream names that hold until they expire, under a key that only the station knows', () => {
    const [record] = accounts.keys()
    const { streamName, expiresMs } = accounts.people.signedAddress(anchorId, record!.keyId, 3_600)
    const query = new URLSearchParams(streamName.split('?')[1])
    expect(streamName.split('?')[0]).toBe(record?.keyId)
    expect(expiresMs).toBe(time.nowMs + 3_600_000)
    expect(query.get('signature')).toBe(pushSignatureOf(record!.signingKey, record!.keyId, expiresMs / 1000))
  })

  it('gives the studio page a key of its own, once, which is no way around the slots', async () => {
    const both = await Promise.all([accounts.ensureStudioKey(anchorId), accounts.ensureStudioKey(anchorId)])
    expect(both[0]).toEqual(both[1])
    expect(both[0]).toMatchObject({ slots: [EVENING], goLive: 'manual' })
    expect(await accounts.ensureStudioKey(anchorId)).toEqual(both[0])
    await accounts.people.changeKey(anchorId, both[0].keyId, { slots: null })
    expect((await accounts.ensureStudioKey(anchorId)).slots).toBeNull()
  })

  it('refuses a second key on the port of the first', async () => {
    const second = accounts.people.makeKey(anchorId, orderOf({ srt: { port: 9001 } }))
    await expect(second).rejects.toMatchObject({ code: 'account-conflict', message: expect.stringContaining('9001') })
  })

  it('holds no longer than its owner may go on air', async () => {
    const held = accounts.keys().length
    expect(held).toBe(2)
    await accounts.people.change(anchorId, { disabled: true })
    expect(accounts.keys()).toEqual([])
    await accounts.people.change(anchorId, { disabled: false, roles: ['operator'] })
    expect(accounts.keys()).toEqual([])
    await accounts.people.change(anchorId, { roles: ['anchor', 'operator'] })
    expect(accounts.keys()).toHaveLength(held)
    await accounts.people.removeKey(anchorId, accounts.keys()[0]!.keyId)
    expect(accounts.keys()).toHaveLength(held - 1)
    await accounts.people.remove(anchorId)
    expect(accounts.keys()).toEqual([])
  })

  it('lets a personal link, a token and a session end by time', async () => {
    const { id } = await accounts.people.add({ name: 'Cleo', roles: ['anchor'], password: null })
    const link = await accounts.people.makeLink(id, 1)
    const { token } = await accounts.signIn.byLink({ token: link.token }, '192.0.2.1')
    const api = await accounts.tokens.make({ label: 'robot', role: 'operator', expiresInDays: 1 }, 'Ada')
    const callers = async () => [
      (await accounts.identities.ofSession(token, ''))?.caller.name,
      accounts.identities.ofToken(api.token, '')?.caller.name,
    ]
    time.nowMs += 20 * 3_600_000
    expect(await callers()).toEqual(['Cleo', 'robot'])
    time.nowMs += 5 * 3_600_000
    expect(await callers()).toEqual([undefined, undefined])
    await expect(accounts.signIn.byLink({ token: link.token }, '192.0.2.1')).rejects.toMatchObject({
      code: 'link-unknown',
    })
  })
})
