import { rmSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import type { NodesAnswer, StatusAnswer } from '../../../schemas/api.ts'
import { eventually } from '../support/eventually.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

describe('nodes over the deaths around them', () => {
  let station: Station
  afterEach(() => station.end())
  const states = async (): Promise<string[]> =>
    (await station.get<NodesAnswer>('/api/nodes')).nodes.map(({ id, state }) => `${id} ${state}`)
  const redisProblem = async (): Promise<string | null> =>
    (await station.get<StatusAnswer>('/api/status')).redis.problem
  const recordIds = async (): Promise<string[]> => {
    const redis = new Redis(station.redis.url)
    const ids = await redis.hkeys('airtight:test-radio:nodes')
    redis.disconnect()
    return ids.sort()
  }

  it('Redis is killed: the API answers, nodes stay, new ones may come; Redis is back: what happened meanwhile is written', async () => {
    station = await startStation()
    const first = await joinNode(station.url, 'slicer-1')
    await eventually(station.playout.targetIds).toEqual(['slicer-1'])
    expect(await redisProblem()).toBeNull()
    expect(await recordIds()).toEqual(['slicer-1'])

    await station.redis.kill()
    await eventually(redisProblem).toMatch(/^Redis at 127.0.0.1:\d+ cannot be reached/)
    const second = await joinNode(station.url, 'slicer-2')
    await eventually(station.playout.targetIds).toEqual(['slicer-1', 'slicer-2'])
    expect(await states()).toEqual(['slicer-1 serving', 'slicer-2 serving'])
    expect((await station.get<StatusAnswer>('/api/status')).redis.unwrittenRecords).toBeGreaterThan(0)

    await station.redis.start()
    await eventually(redisProblem).toBeNull()
    await eventually(recordIds).toEqual(['slicer-1', 'slicer-2'])
    first.die()
    second.die()
  })

  it('the control center restarts: nobody is evicted, the list is not even sent again, and the same items stay planned', async () => {
    station = await startStation()
    const slicer = await joinNode(station.url, 'slicer-1')
    await eventually(station.playout.targetIds).toEqual(['slicer-1'])
    await eventually(() => station.playout.held.rundown?.items.length).toBeGreaterThan(100)
    await eventually(() => station.playout.held.livePlan).not.toBeNull()
    const before = structuredClone(station.playout.held)
    const puts = [...station.playout.seen.puts]

    await station.stopCenter()
    await station.startCenter()
    expect(await states()).toEqual(['slicer-1 serving'])
    await eventually(() => slicer.heard.lastStatus).toBe(200)
    await eventually(async () => (await station.get<StatusAnswer>('/api/status')).playout.problem).toBeNull()
    expect((await slicer.beat()).status).toBe(200)
    expect(station.playout.held.targets).toEqual(before.targets)
    expect(station.playout.held.rundown).toEqual(before.rundown)
    expect(station.playout.seen.puts).toEqual(puts)
    slicer.die()
  })

  it('the control center restarts without its disk: it reads the nodes from Redis before it says a word about targets', async () => {
    station = await startStation()
    const slicer = await joinNode(station.url, 'slicer-1')
    await eventually(station.playout.targetIds).toEqual(['slicer-1'])
    await station.stopCenter()
    const listsBefore = station.playout.seen.targetLists.length
    rmSync(`${station.folder}/control-center`, { recursive: true })
    await station.startCenter()
    await eventually(states).toEqual(['slicer-1 serving'])
    expect((await slicer.beat()).status).toBe(200)
    const lists = station.playout.seen.targetLists
    await eventually(() => lists.length).toBeGreaterThan(listsBefore)
    for (const list of lists.slice(listsBefore)) expect(list).toEqual(['slicer-1'])
    slicer.die()
  })

  it('all slicers fall silent at once: the observer doubts itself, and leaves the list as it was', async () => {
    station = await startStation()
    const slicers = [await joinNode(station.url, 'slicer-1'), await joinNode(station.url, 'slicer-2')]
    await eventually(station.playout.targetIds).toEqual(['slicer-1', 'slicer-2'])
    for (const slicer of slicers) slicer.die()
    await eventually(states).toEqual(['slicer-1 silent', 'slicer-2 silent'])
    const { alarms } = await station.get<StatusAnswer>('/api/status')
    expect(alarms).toContain('No slicer is heard by the control center: the push list stays as it was.')
    expect(station.playout.targetIds()).toEqual(['slicer-1', 'slicer-2'])
  })

  it('everything is dead at the start: it starts all the same, says so, and heals when they come', async () => {
    station = await startStation({ redis: 'dead', playout: 'dead' })
    const status = await station.get<StatusAnswer>('/api/status')
    expect(status.playout.problem).toMatch(/^Playout can't be reached/)
    expect(status.redis.problem).toContain('Redis at')
    const slicer = await joinNode(station.url, 'slicer-1')
    expect(await states()).toEqual(['slicer-1 serving'])
    await station.playout.start()
    await eventually(station.playout.targetIds).toEqual(['slicer-1'])
    await eventually(() => station.playout.held.rundown?.items.length).toBeGreaterThan(100)
    await station.redis.start()
    await eventually(redisProblem).toBeNull()
    await eventually(recordIds).toEqual(['slicer-1'])
    slicer.die()
  })
})
