import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NodeRecord } from '../../../control-center/nodes/node-record.ts'
import type { NodeStore, NodesFile } from '../../../control-center/nodes/node-store.ts'
import { createNodeRegistry } from '../../../control-center/nodes/registry.ts'
import { bearerOf } from '../../../platform/credentials.ts'
import type { Heartbeat, NodeRegistered } from '../../../schemas/nodes.ts'
import { handClock } from '../support/hand-clock.ts'
import { JOIN_TOKEN, registrationOf } from '../support/station.ts'

const BEAT_MS = 2_000
const HOUR_MS = 3_600_000

const beatOf = (generation: number, change: Partial<Heartbeat> = {}): Heartbeat => ({
  ...{ generation, ready: true, reason: 'all is well', newestSegment: {}, newestFrame: {}, newestSegmentAgeMs: {} },
  ...{ framesMissing: 0, pushConnected: true, memoryBytes: 1, diskFreeBytes: 1, softwareVersion: '0.1.0' },
  ...change,
})

/** A registry by a clock of ours, and a Redis that is dead until it is brought to life. */
function world() {
  const hand = handClock()
  const shared = new Map<string, NodeRecord>()
  const state = { alive: false, file: null as NodesFile | null }
  const whenAlive = <T>(act: () => T): Promise<T> =>
    state.alive ? Promise.resolve(act()) : Promise.reject(new Error('Redis is dead'))
  const store: NodeStore = {
    readFile: () => state.file,
    writeFile(file) {
      state.file = structuredClone(file)
    },
    readShared: () => whenAlive(() => [...shared.values()]),
    writeShared: (record) =>
      whenAlive(() => {
        if ((shared.get(record.id)?.generation ?? 0) > record.generation) return false
        shared.set(record.id, record)
        return true
      }),
    removeShared: (id) => whenAlive(() => void shared.delete(id)),
  }
  const start = (heartbeatMs = BEAT_MS) =>
    createNodeRegistry({
      ...{ store, clock: hand.clock, log: pino({ level: 'silent' }), joinToken: JOIN_TOKEN, heartbeatMs },
      stationInfo: () => ({
        ...{ id: 'test-radio', name: 'Test Radio', windowSegments: 15, keptSegments: 30 },
        renditions: [{ id: 'high', bitrateKbps: 128, channels: 2 as const }],
      }),
      playoutUrl: 'http://127.0.0.1:8090',
      nowMs: hand.clock.wallMs,
      briefingFor: () => ({}),
      foreignTargets: () => [],
      onChange: () => undefined,
    })
  return { hand, shared, state, start }
}

describe('the registry of nodes', () => {
  let at: ReturnType<typeof world>
  let registry: ReturnType<ReturnType<typeof world>['start']>
  beforeEach(() => {
    at = world()
    registry = at.start()
  })
  const beat = ({ id, generation, credential }: NodeRegistered, change: Partial<Heartbeat> = {}) =>
    registry.heartbeat(id, bearerOf(id, credential), beatOf(generation, change))
  const targetIds = (): string[] => (registry.wantedTargets(0)?.targets ?? []).map(({ id }) => id)
  const live = (ms: number, ...nodes: NodeRegistered[]): void => liveBy(BEAT_MS, ms, ...nodes)
  const liveBy = (beatMs: number, ms: number, ...nodes: NodeRegistered[]): void => {
    for (let passed = 0; passed < ms; passed += beatMs) {
      for (const node of nodes) beat(node)
      at.hand.advance(beatMs)
    }
  }

  it('was itself asleep for a minute: no node is blamed for it', async () => {
    const nodes = [await registry.register(registrationOf('a')), await registry.register(registrationOf('b'))]
    live(10_000, ...nodes)
    at.hand.sleep(60_000)
    at.hand.advance(500)
    expect(registry.views().map(({ state }) => state)).toEqual(['serving', 'serving'])
    live(10_000, nodes[0]!)
    expect(registry.views().map(({ state }) => state)).toEqual(['serving', 'silent'])
    expect(targetIds()).toEqual(['a'])
  })

  it('gives the same list the same version, another list a higher one, and rises above what playout holds', async () => {
    const a = await registry.register(registrationOf('a'))
    beat(a)
    const { version } = registry.wantedTargets(0)!
    live(20_000, a)
    expect(registry.wantedTargets(version)!.version).toBe(version)
    await registry.register(registrationOf('b'))
    const second = registry.wantedTargets(version)!.version
    expect(second).toBeGreaterThan(version)
    expect(registry.wantedTargets(second + 500)!.version).toBe(second + 501)
  })

  it('knows every node at once after a restart, and gives each three beats to speak', async () => {
    const a = await registry.register(registrationOf('a'))
    const b = await registry.register(registrationOf('b'))
    live(4_000, a, b)
    const before = registry.wantedTargets(0)
    registry.stop()
    registry = at.start()
    expect(registry.wantedTargets(0)).toEqual(before)
    expect(registry.serving()).toEqual(['a', 'b'])
    live(8_000, a)
    expect(targetIds()).toEqual(['a'])
    expect(registry.serving()).toEqual(['a'])
  })

  it('with neither disk nor Redis it says nothing to a playout that has a list, until living nodes had time to register', async () => {
    expect(registry.wantedTargets(1_700_000_000)).toBeNull()
    expect(registry.wantedTargets(0)).not.toBeNull()
    at.hand.advance(10_000)
    expect(registry.wantedTargets(1_700_000_000)!.targets).toEqual([])
  })

  it('keeps what happens while Redis is dead, writes it when it is back, and yields to a higher generation found there', async () => {
    await registry.register(registrationOf('a'))
    const b = await registry.register(registrationOf('b'))
    expect(at.shared.size).toBe(0)
    expect(registry.unwritten()).toBe(2)
    at.shared.set('b', {
      ...at.state.file!.records.find(({ id }) => id === 'b')!,
      generation: 9,
      credentialSha256: 'f',
    })
    at.state.alive = true
    registry.redisIsBack()
    await expect.poll(() => registry.unwritten()).toBe(0)
    expect([...at.shared.keys()].sort()).toEqual(['a', 'b'])
    expect(at.shared.get('b')?.generation).toBe(9)
    expect(() => beat(b)).toThrow('No node b is registered under this credential.')
    expect((await registry.register(registrationOf('b', { generation: b.generation }))).generation).toBe(10)
  })

  it('goes on listing the last slicer that served, when none is ready any more', async () => {
    const a = await registry.register(registrationOf('a'))
    const b = await registry.register(registrationOf('b'))
    live(4_000, a, b)
    beat(a, { ready: false, reason: 'newest segment is 14 s old, limit 6 s' })
    expect(registry.serving()).toEqual(['b'])
    beat(b, { ready: false, reason: 'no push' })
    expect(registry.serving()).toEqual(['b'])
    expect(registry.alarms()).toEqual(['No slicer is ready to serve listeners.'])
    expect(targetIds()).toEqual(['a', 'b'])
  })

  it('raises an alarm for each node that fell silent, and for each that an edge has taken out; a goodbye is no alarm', async () => {
    const a = await registry.register(registrationOf('a'))
    const b = await registry.register(registrationOf('b'))
    const edge = await registry.register(registrationOf('edge', { role: 'edge' }))
    live(4_000, a, b, edge)
    expect(registry.alarms()).toEqual([])
    live(8_000, a, edge)
    expect(registry.alarms()).toEqual(['b is silent: it sends no heartbeats any more.'])
    live(2_000, a, b, edge)
    beat(edge, { takenOut: [{ id: 'b', reason: 'it does not answer (for 2.0 s)' }] })
    expect(registry.alarms()).toEqual(['edge sends no listeners to b: it was found ill.'])
    registry.leave('b', bearerOf('b', b.credential))
    registry.leave('edge', bearerOf('edge', edge.credential))
    expect(registry.alarms()).toEqual([])
  })

  it('forgets who left after an hour and who was silent for a day, so that the list does not grow for ever', async () => {
    registry.stop()
    registry = at.start(60_000)
    const gone = await registry.register(registrationOf('gone'))
    const silent = await registry.register(registrationOf('silent'))
    const stays = await registry.register(registrationOf('stays'))
    registry.leave('gone', bearerOf('gone', gone.credential))
    beat(silent)
    liveBy(60_000, HOUR_MS + 120_000, stays)
    expect(registry.views().map(({ id }) => id)).toEqual(['silent', 'stays'])
    liveBy(60_000, 23 * HOUR_MS, stays)
    expect(registry.views().map(({ id }) => id)).toEqual(['stays'])
  })

  it('refuses a heartbeat of an older generation, and of another node', async () => {
    const a = await registry.register(registrationOf('a'))
    const b = await registry.register(registrationOf('b'))
    expect(() => beat({ ...a, generation: 0 })).toThrow('a says generation 0, its registration was 1.')
    expect(() => registry.heartbeat('a', bearerOf('b', b.credential), beatOf(1))).toThrow('No node a is registered')
    expect(() => registry.heartbeat('a', undefined, beatOf(1))).toThrow('No node a is registered')
  })

  it('lists a node at an IPv6 address as URLs are written', async () => {
    await registry.register(registrationOf('six', { address: '2001:db8::7' }))
    const { targets, peers } = registry.wantedTargets(0)!
    expect(targets[0]!.url).toBe('rtmp://[2001:db8::7]:19101/live')
    expect(peers[0]!.url).toBe('http://[2001:db8::7]:9101')
  })
})
