import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadIdentity } from '../../../agents/shared/identity.ts'
import { type Membership, startMembership } from '../../../agents/shared/membership.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createHttpClient } from '../../../platform/http-client.ts'
import type { NodeRegistered } from '../../../schemas/nodes.ts'
import { eventually } from '../slicer/world.ts'
import { type FakeControl, startFakeControl } from './fake-control.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const station = {
  id: 'night-radio',
  name: 'Night Radio',
  renditions: [{ id: 'high', bitrateKbps: 128, channels: 2 as const }],
  windowSegments: 6,
  keptSegments: 10,
}

let control: FakeControl
let folder: string
const http = createHttpClient(systemClock)
const members: Membership[] = []
beforeEach(async () => {
  control = await startFakeControl(station, 'http://127.0.0.1:1')
  folder = mkdtempSync(join(tmpdir(), 'airtight-test-'))
})
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.stop(false)))
  await control.die()
  rmSync(folder, { recursive: true })
})

function joinStation(changes: { httpPort?: number; joinToken?: string | null } = {}) {
  const identity = loadIdentity(folder, 'edge')
  const told: NodeRegistered[] = []
  const { joinToken = control.joinToken, httpPort = 8000 } = changes
  const membership = startMembership({
    controlUrl: control.url,
    joinToken,
    folder,
    identity,
    announcement: {
      id: identity.id,
      role: 'edge',
      address: '127.0.0.1',
      httpPort,
      softwareVersion: '1.2.3',
      packagingVersions: [1],
    },
    heartbeat: () => ({
      ready: true,
      reason: 'serving',
      newestSegment: {},
      newestFrame: {},
      newestSegmentAgeMs: {},
      framesMissing: 0,
      pushConnected: false,
      memoryBytes: 1,
      diskFreeBytes: 1,
    }),
    changed: (registered) => told.push(registered),
    http,
    clock: systemClock,
    random: () => 0,
    log: pino({ level: 'silent' }),
  })
  members.push(membership)
  return { id: identity.id, told, membership }
}

const beatsOf = (id: string) => control.heartbeats.filter((heartbeat) => heartbeat.id === id)

describe('a node and the control center', () => {
  it('registers, keeps its credential for its owner alone, and beats', async () => {
    const node = joinStation()
    await eventually(() => (beatsOf(node.id).length >= 2 ? true : null), 'two beats')
    expect(node.id).toMatch(/^edge-[0-9a-f]{8}$/)
    expect(node.told[0]?.credential).toBe(control.credentialOf(node.id))
    expect(statSync(join(folder, 'node.json')).mode & 0o777).toBe(0o600)
    expect(beatsOf(node.id)[0]?.beat).toMatchObject({ generation: 1, softwareVersion: '1.2.3', ready: true })
  })

  it('comes back as the same node, without registering again', async () => {
    const first = joinStation()
    await eventually(() => (first.told.length > 0 ? true : null), 'it is registered')
    await first.membership.stop(false)
    const beats = beatsOf(first.id).length
    const second = joinStation({ joinToken: null })
    expect(second.id).toBe(first.id)
    expect(second.told[0]).toEqual(first.told.at(-1))
    await eventually(() => (beatsOf(first.id).length > beats ? true : null), 'it beats')
    expect(control.registrations).toHaveLength(1)
  })

  it('registers again when it stands elsewhere', async () => {
    const first = joinStation()
    await eventually(() => (first.told.length > 0 ? true : null), 'it is registered')
    await first.membership.stop(false)
    const second = joinStation({ httpPort: 8001 })
    await eventually(() => (second.membership.current()?.generation === 2 ? true : null), 'it is registered again')
    expect(control.registrations.map(({ httpPort }) => httpPort)).toEqual([8000, 8001])
  })

  it('registers again when nobody knows it any more, and keeps its id', async () => {
    const node = joinStation()
    await eventually(() => (beatsOf(node.id).length > 0 ? true : null), 'it beats')
    control.forget(node.id)
    await eventually(() => control.credentialOf(node.id), 'it is registered again')
    expect(control.registrations.at(-1)).toMatchObject({ id: node.id, generation: 1 })
  })

  it('tries again after connections that break off', async () => {
    control.failNext(2)
    const node = joinStation()
    await eventually(() => node.told[0], 'it is registered')
    expect(node.told[0]?.credential).toBe(control.credentialOf(node.id))
  })

  it('does not fight over an id that another program keeps taking', async () => {
    const node = joinStation()
    await eventually(() => (beatsOf(node.id).length > 0 ? true : null), 'it beats')
    control.forget(node.id)
    await eventually(() => node.told[1], 'it is registered again')
    control.forget(node.id)
    await eventually(() => (node.membership.standing().includes('401') ? true : null), 'it is refused again')
    const before = control.registrations.length
    await eventually(() => (control.registrations.length > before ? true : null), 'it tries once more')
    expect(control.registrations).toHaveLength(before + 1)
  })

  it('says what is wrong when its token is, and does not storm the control center', async () => {
    const node = joinStation({ joinToken: 'some-other-join-token' })
    const standing = await eventually(
      () => (node.membership.standing().includes('403') ? node.membership.standing() : null),
      'it says so',
    )
    expect(standing).toContain('the join token is wrong')
    expect(control.registrations.length).toBeLessThanOrEqual(2)
  })

  it('hears of new peers with the next beat, and says goodbye', async () => {
    const node = joinStation()
    await eventually(() => (node.told.length > 0 ? true : null), 'it is registered')
    control.morePeers.push({ id: 'slicer-9', role: 'slicer', url: 'http://127.0.0.1:9', credentialSha256: 'x' })
    await eventually(() => node.told.at(-1)?.briefing.peers.find(({ id }) => id === 'slicer-9'), 'it hears of the peer')
    await node.membership.stop(true)
    expect(control.left).toEqual([node.id])
  })

  it('hears of what is new before its next beat when it asks, and asks no more than once in a second', async () => {
    await control.die()
    control = await startFakeControl(station, 'http://127.0.0.1:1', 60_000)
    const node = joinStation()
    await eventually(() => (beatsOf(node.id).length > 0 ? true : null), 'it is registered and has beaten once')
    control.morePeers.push({ id: 'slicer-9', role: 'slicer', url: 'http://127.0.0.1:9', credentialSha256: 'x' })
    await node.membership.hear()
    expect(node.told.at(-1)?.briefing.peers.map(({ id }) => id)).toContain('slicer-9')
    const beats = beatsOf(node.id).length
    await node.membership.hear()
    expect(beatsOf(node.id)).toHaveLength(beats)
  })
})
