import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { credentialSha256 } from '../../../platform/credentials.ts'
import { parse } from '../../../schemas/check.ts'
import type { IngestBriefing } from '../../../schemas/live.ts'
import type { StationInfo } from '../../../schemas/markers.ts'
import { Heartbeat, type NodeBriefing, NodeRegistration, type Peer } from '../../../schemas/nodes.ts'

export type FakeControl = Awaited<ReturnType<typeof startFakeControl>>

/** A control center that knows nodes and nothing else. It checks what the real one checks. */
export async function startFakeControl(station: StationInfo, playoutUrl: string, heartbeatMs = 100) {
  const joinToken = 'join-token-of-the-test'
  const nodes = new Map<string, { registration: NodeRegistration; credential: string; generation: number }>()
  const heartbeats: { id: string; beat: Heartbeat }[] = []
  const left: string[] = []
  const registrations: NodeRegistration[] = []
  /** Peers that a test adds to those that have registered. */
  const morePeers: Peer[] = []
  /** What ingest nodes are told; a test may change it at any time. */
  const live: { ingest: IngestBriefing | null } = { ingest: null }
  let failuresToCome = 0

  const peerOf = (id: string): Peer | null => {
    const node = nodes.get(id)
    if (!node) return null
    const { address, httpPort, role } = node.registration
    return { id, role, url: `http://${address}:${httpPort}`, credentialSha256: credentialSha256(node.credential) }
  }
  const briefingFor = (id: string): NodeBriefing => ({
    station,
    playoutUrl,
    peers: [...[...nodes.keys()].filter((other) => other !== id).map((other) => peerOf(other)!), ...morePeers],
    serving: [...nodes.keys()].sort(),
    heartbeatMs,
    ...(live.ingest && nodes.get(id)?.registration.role === 'ingest' ? { ingest: live.ingest } : {}),
  })

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = JSON.parse(Buffer.concat(parts).toString('utf8') || '{}')
    const say = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    if (failuresToCome > 0) {
      failuresToCome -= 1
      return response.socket?.destroy()
    }
    const [, id = '', action] = /^\/api\/nodes\/([a-z0-9-]+)(?:\/([a-z]+))?$/.exec(request.url ?? '') ?? []
    if (id === 'register') {
      const registration = parse(NodeRegistration, body)
      registrations.push(registration)
      if (registration.joinToken !== joinToken) return say(403, { message: 'the join token is wrong' })
      const generation = Math.max(registration.generation, nodes.get(registration.id)?.generation ?? 0) + 1
      const credential = `secret-${registration.id}-${generation}`
      nodes.set(registration.id, { registration, credential, generation })
      return say(200, { id: registration.id, generation, credential, briefing: briefingFor(registration.id) })
    }
    const node = nodes.get(id)
    if (!node || request.headers.authorization !== `Bearer ${id}.${node.credential}`) return say(401, {})
    if (action === 'leave') {
      left.push(id)
      return say(200, {})
    }
    heartbeats.push({ id, beat: parse(Heartbeat, body) })
    return say(200, briefingFor(id))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let isUp = true

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    joinToken,
    registrations,
    heartbeats,
    left,
    morePeers,
    live,
    peerOf,
    credentialOf: (id: string) => nodes.get(id)?.credential ?? null,
    /** As when its store was lost. */
    forget: (id: string) => nodes.delete(id),
    failNext(requests: number) {
      failuresToCome = requests
    },
    async die() {
      if (!isUp) return
      isUp = false
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
