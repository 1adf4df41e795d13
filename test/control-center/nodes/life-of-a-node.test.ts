import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushKeyOf } from '../../../platform/credentials.ts'
import type { NodesAnswer } from '../../../schemas/api.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import type { NodeRegistered } from '../../../schemas/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { joinNode, post, registrationOf, type Station, startStation } from '../support/station.ts'

describe('the life of a node', () => {
  let station: Station
  beforeAll(async () => {
    station = await startStation()
  })
  afterAll(() => station.end())
  const stateOf = async (id: string) =>
    (await station.get<NodesAnswer>('/api/nodes')).nodes.find((node) => node.id === id)

  it('registers, is pushed to within 2 s, serves, falls silent, is off the list, and comes back', async () => {
    const slicer = await joinNode(station.url, 'slicer-1')
    const other = await joinNode(station.url, 'slicer-2', { rtmpPort: 19_102, httpPort: 9102 })
    await eventually(station.playout.targetIds).toEqual(['slicer-1', 'slicer-2'])
    const [target] = station.playout.held.targets!.targets
    expect(target).toEqual({
      id: 'slicer-1',
      url: 'rtmp://127.0.0.1:19101/live',
      pushKey: pushKeyOf(slicer.registered.credential),
      renditions: ['high', 'low'],
      generation: 1,
    })
    expect(station.playout.held.targets!.peers.map(({ id, url }) => `${id} ${url}`)).toEqual([
      'slicer-1 http://127.0.0.1:9101',
      'slicer-2 http://127.0.0.1:9102',
    ])
    expect(await stateOf('slicer-1')).toMatchObject({ state: 'serving', reason: 'all is well' })

    slicer.die()
    await eventually(station.playout.targetIds).toEqual(['slicer-2'])
    const silent = await stateOf('slicer-1')
    expect(silent?.state).toBe('silent')
    expect(silent?.reason).toMatch(/^no heartbeat for .* s, limit 0.6 s$/)
    await eventually(() => other.heard.briefing.serving).toEqual(['slicer-2'])

    await slicer.beat()
    await eventually(station.playout.targetIds).toEqual(['slicer-1', 'slicer-2'])
    other.die()
  })

  it('takes a new credential and a higher generation with each registration; the old credential is worth nothing then', async () => {
    const first = await joinNode(station.url, 'slicer-3')
    first.die()
    const answer = await post(`${station.url}/api/nodes/register`, registrationOf('slicer-3', { generation: 41 }))
    const second = (await answer.json()) as NodeRegistered
    expect(second.generation).toBe(42)
    expect(second.credential).toMatch(/^[0-9a-f]{64}$/)
    const late = await first.beat()
    expect(late.status).toBe(401)
    expect(((await late.json()) as ErrorAnswer).error).toBe('credential-wrong')
    const generations = (): (number | undefined)[] =>
      (station.playout.held.targets?.targets ?? [])
        .filter(({ id }) => id === 'slicer-3')
        .map((target) => target.generation)
    await eventually(generations).toEqual([42])
  })

  it('says goodbye and is off the list at once', async () => {
    const slicer = await joinNode(station.url, 'slicer-4')
    await eventually(station.playout.targetIds).toContain('slicer-4')
    slicer.die()
    const answer = await fetch(`${station.url}/api/nodes/slicer-4/leave`, {
      method: 'POST',
      headers: { authorization: slicer.authorization },
    })
    expect(await answer.json()).toEqual({ ok: true })
    await eventually(station.playout.targetIds).not.toContain('slicer-4')
    expect((await stateOf('slicer-4'))?.state).toBe('left')
    expect(station.playout.held.targets!.peers.map(({ id }) => id)).not.toContain('slicer-4')
  })

  it('is refused with an address that others could make nothing of, or that would be read as something else', async () => {
    for (const address of ['10.0.0.5:8006', 'node one', '127.0.0.1;}', '$host', 'a/b', 'a\nb', '{', '[::1]', ''])
      expect([
        address,
        (await post(`${station.url}/api/nodes/register`, registrationOf('odd', { address }))).status,
      ]).toEqual([address, 400])
    const { nodes } = await station.get<NodesAnswer>('/api/nodes')
    expect(nodes.map(({ id }) => id)).not.toContain('odd')
  })

  it('is refused with a wrong join token, an unknown packaging, or without an RTMP port, each with what to do', async () => {
    const attempt = async (change: object): Promise<ErrorAnswer & { status: number }> => {
      const answer = await post(`${station.url}/api/nodes/register`, { ...registrationOf('slicer-9'), ...change })
      return { status: answer.status, ...((await answer.json()) as ErrorAnswer) }
    }
    expect(await attempt({ joinToken: 'some-other-token-entirely' })).toMatchObject({
      status: 401,
      error: 'join-token-wrong',
      advice: expect.stringContaining('AIRTIGHT_JOIN_TOKEN'),
    })
    expect(await attempt({ packagingVersions: [7] })).toMatchObject({ status: 409, error: 'node-unsupported' })
    expect(await attempt({ rtmpPort: undefined })).toMatchObject({ status: 400, error: 'slicer-without-rtmp-port' })
    expect(await attempt({ httpPort: 70_000 })).toMatchObject({
      status: 400,
      error: 'request-invalid',
      problems: [{ path: 'httpPort' }],
    })
    expect(await stateOf('slicer-9')).toBeUndefined()
  })

  it('calms a caller that goes on guessing, without locking out a neighbour that has the right token', async () => {
    const guess = () =>
      post(`${station.url}/api/nodes/register`, registrationOf('guesser', { joinToken: 'wrong-token-wrong-token' }))
    const answers = await Promise.all(Array.from({ length: 25 }, guess))
    const limited = answers.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    expect(Number(limited[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    const neighbour = await post(`${station.url}/api/nodes/register`, registrationOf('neighbour'))
    expect(neighbour.status).toBe(200)
  })
})
