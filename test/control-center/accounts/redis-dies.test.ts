import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccounts } from '../../../control-center/accounts/accounts.ts'
import { systemClock } from '../../../platform/clock.ts'
import { connectRedis } from '../../../platform/redis.ts'
import { eventually } from '../support/eventually.ts'
import { firstAdminToken } from '../support/people.ts'
import { startRedis } from '../support/redis-server.ts'

const ADMIN = { name: 'Ada', password: 'a long enough password' }
const FROM = '192.0.2.7'

type Center = ReturnType<typeof startCenter>

/** The accounts of one control center, in a folder of its own, beside a Redis that others may share. */
function startCenter(folder: string, redisUrl: string) {
  const log = pino({ level: 'silent' })
  const redis = connectRedis(redisUrl, systemClock, log)
  const dataFolder = join(folder, 'control-center')
  const accounts = createAccounts({
    dataFolder,
    stationId: 'test-radio',
    redis,
    clock: systemClock,
    nowMs: () => Date.now(),
    log,
  })
  redis.onUsable(accounts.redisIsBack)
  const isIn = async (token: string) => (await accounts.identities.ofSession(token, FROM)) !== null
  return {
    ...accounts,
    redis,
    isIn,
    stop() {
      accounts.stop()
      redis.close()
    },
  }
}

describe('accounts without Redis, and with two control centers', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  const folders: string[] = []
  const centers: Center[] = []
  const folderOf = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'airtight-accounts-'))
    folders.push(folder)
    return folder
  }
  const start = (folder: string): Center => {
    const center = startCenter(folder, redis.url)
    centers.push(center)
    return center
  }
  const withAdmin = async (folder: string) => {
    const center = start(folder)
    const token = await firstAdminToken(folder)
    const { person } = await center.signIn.byLink({ token, ...ADMIN }, FROM)
    return { center, adminId: person.id }
  }
  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    for (const center of centers.splice(0)) center.stop()
    await redis.stop()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  it('Redis dies: people sign in and keys hold, over a restart too; changes are refused and say why; it comes back: all is there', async () => {
    const folder = folderOf()
    const { center, adminId } = await withAdmin(folder)
    const anna = await center.people.add({ name: 'Anna', roles: ['anchor'], password: 'annas own password' })
    const made = await center.people.makeKey(anna.id, { label: 'OBS', goLive: 'manual', slots: null, srt: null })
    await redis.kill()

    const refused = { code: 'accounts-read-only', status: 503, message: expect.stringMatching(/Redis/) }
    await expect(center.people.remove(anna.id)).rejects.toMatchObject(refused)
    const { token } = await center.signIn.byPassword('anna', 'annas own password', FROM)
    expect(await center.isIn(token)).toBe(true)
    center.stop()

    const restarted = start(folder)
    expect(restarted.signIn.isSetupNeeded()).toBe(false)
    expect(restarted.keys()).toMatchObject([{ keyId: made.key.keyId, anchorId: anna.id, name: 'Anna' }])
    expect(await restarted.isIn(token)).toBe(true)
    const gone = await restarted.signIn.byPassword('anna', 'annas own password', FROM)
    restarted.signIn.out(gone.token)
    await expect(restarted.ensureStudioKey(adminId)).rejects.toMatchObject(refused)

    await redis.start()
    await vi.waitUntil(() => restarted.redis.problem() === null, { timeout: 10_000 })
    await restarted.people.change(anna.id, { name: 'Anna Anchor' })
    // Another control center, with nothing on its disk, learns all of it from Redis.
    const other = start(folderOf())
    await eventually(() => other.keys().map(({ name }) => name)).toEqual(['Anna Anchor'])
    await eventually(() => other.isIn(token)).toBe(true)
    expect(await other.isIn(gone.token)).toBe(false)
  })

  it('Redis loses everything: it is given everything again, and nobody is signed out', async () => {
    const folder = folderOf()
    const { center } = await withAdmin(folder)
    const { token } = await center.signIn.byPassword(ADMIN.name, ADMIN.password, FROM)
    const direct = new Redis(redis.url)
    await direct.flushall()
    direct.disconnect()
    const other = start(folderOf())
    await eventually(() => other.people.views().map(({ name }) => name)).toEqual([ADMIN.name])
    await eventually(() => other.isIn(token)).toBe(true)
    expect(await center.isIn(token)).toBe(true)
  })

  it('two control centers change at once: both changes stand, and each hears of what the other ended', async () => {
    const { center: one, adminId } = await withAdmin(folderOf())
    const two = start(folderOf())
    await eventually(() => two.people.views().length).toBe(1)
    const names = Array.from({ length: 6 }, (_, index) => `Person ${index}`)
    await Promise.all(
      names.map((name, index) => (index % 2 ? one : two).people.add({ name, roles: ['operator'], password: null })),
    )
    const expected = [ADMIN.name, ...names].sort()
    for (const center of [one, two])
      await eventually(() =>
        center.people
          .views()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(expected)

    const { token } = await one.signIn.byPassword(ADMIN.name, ADMIN.password, FROM)
    await eventually(() => two.isIn(token)).toBe(true)
    await one.people.endSessions(adminId)
    await eventually(() => two.isIn(token)).toBe(false)
  })

  it('only one of two links makes the first admin', async () => {
    const [here, there] = [folderOf(), folderOf()]
    const [one, two] = [start(here), start(there)]
    const [oneToken, twoToken] = [await firstAdminToken(here), await firstAdminToken(there)]
    const outcomes = await Promise.allSettled([
      one.signIn.byLink({ token: oneToken, ...ADMIN }, FROM),
      two.signIn.byLink({ token: twoToken, ...ADMIN, name: 'Bea' }, FROM),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await eventually(() => one.people.views().length + two.people.views().length).toBe(2)
  })
})
