import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import { connectRedis } from '../../../platform/redis.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'

describe('a Redis that may throw keys away', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis('--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru')
  })
  afterAll(() => redis.stop())

  it('is refused with what to do about it, and every use of it fails at once', async () => {
    const store = connectRedis(redis.url, systemClock, pino({ level: 'silent' }))
    await eventually(store.problem).toContain('maxmemory-policy is allkeys-lru')
    expect(store.problem()).toContain('redis-cli CONFIG SET maxmemory-policy noeviction')
    await expect(store.read('anything')).rejects.toThrow('is refused')
    store.close()
  })

  it('is taken once its policy is set right', async () => {
    const operator = new Redis(redis.url)
    await operator.config('SET', 'maxmemory-policy', 'noeviction')
    operator.disconnect()
    const store = connectRedis(redis.url, systemClock, pino({ level: 'silent' }))
    await eventually(store.problem).toBeNull()
    await store.write('key', 'value')
    expect(await store.read('key')).toBe('value')
    store.close()
  })

  it('keeps the record with the higher generation, whoever writes last', async () => {
    const store = connectRedis(redis.url, systemClock, pino({ level: 'silent' }))
    await eventually(store.problem).toBeNull()
    expect(await store.writeRecord('nodes', 'a', { generation: 3 })).toBe(true)
    expect(await store.writeRecord('nodes', 'a', { generation: 2 })).toBe(false)
    expect(await store.readHash('nodes')).toEqual({ a: '{"generation":3}' })
    store.close()
  })

  it('does not let a call wait when the server hangs: it ends within its time', async () => {
    const store = connectRedis(redis.url, systemClock, pino({ level: 'silent' }))
    await eventually(store.problem).toBeNull()
    const operator = new Redis(redis.url)
    await operator.call('CLIENT', 'PAUSE', '1500')
    operator.disconnect()
    const startedAtMs = systemClock.monotonicMs()
    await expect(store.write('key', 'late')).rejects.toThrow()
    expect(systemClock.monotonicMs() - startedAtMs).toBeLessThan(1_000)
    store.close()
  })
})
