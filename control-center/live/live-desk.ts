import { randomBytes } from 'node:crypto'
import { isAbsolute, join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { playbackKeyOf } from '../../platform/credentials.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import type { IngestPeer, LiveGrant } from '../../schemas/live.ts'
import type { NodeBriefing, NodeRole } from '../../schemas/nodes.ts'
import type { PushTarget } from '../../schemas/playout.ts'
import type { StationFile } from '../../schemas/station.ts'
import { hostInUrl, type JudgedNode, urlOf } from '../nodes/node-lists.ts'
import type { PlayoutLink } from '../playout-link/link.ts'
import type { PlayoutClient } from '../playout-link/playout-client.ts'
import { createEventClients } from './event-clients.ts'
import { type GrantedKey, grantsOf, liveSettingsOf } from './grants.ts'
import { keepDocument } from './kept-document.ts'
import { followLive } from './live-follower.ts'
import { keepLivePlan, type LiveWishes } from './live-plan.ts'
import { RelaysOnDemand } from './on-demand.ts'
import { createLiveOrders } from './orders.ts'
import { createPreviews } from './preview.ts'
import { createRelays } from './relays.ts'
import { keepRelaysOut, RelaysOut } from './relays-out.ts'
import { isOfThisMachine } from './ways.ts'

/** Windows come into sight and go by: so often it is looked. */
const GRANTS_MS = 60_000
const GIGABYTE = 1e9
const EDGE_PORT = 8000

export type LiveDesk = ReturnType<typeof openLiveDesk>

/** Everything about live at the control center, put together. */
export function openLiveDesk(options: {
  dataFolder: string
  playoutUrl: string
  controlToken: string
  playbackSecret: string | null
  clock: Clock
  log: Logger
  redis: Pick<KeyValueStore, 'read' | 'write'>
  client: PlayoutClient
  station(): StationFile
  nowMs(): number
  /** Of people who may be heard; null while the accounts are not known. */
  keys(): GrantedKey[] | null
  /** Nodes that have not said goodbye. */
  nodes(): JudgedNode[]
  link(): PlayoutLink | null
  /** Playout should be told. */
  onChange(): void
}) {
  const { dataFolder, clock, log, redis, station, nowMs, client } = options
  const stationId = station().id
  let wishes: LiveWishes | null = null

  const plan = keepLivePlan({
    path: join(dataFolder, 'live-plan.json'),
    log,
    wishes() {
      if (wishes === null) recompute()
      return wishes
    },
    ingests: () => ingestPeersOf(options.nodes()),
    nowMs,
  })
  const recompute = (): void => {
    const keys = options.keys()
    if (keys === null) return
    const file = station()
    try {
      const grants: LiveGrant[] = grantsOf(keys, file, relays.onDemand(), nowMs())
      wishes = { settings: liveSettingsOf(file), grants, holdFile: holdFileOf(file) }
    } catch (error) {
      log.error({ error: (error as Error).stack }, 'the live plan could not be made: the last one goes on')
    }
  }
  const changed = (): void => {
    recompute()
    options.onChange()
  }
  const document = (name: string) => ({
    ...{ path: join(dataFolder, `${name}.json`), key: `airtight:${stationId}:${name}`, redis, log },
    onAdopted: changed,
  })
  const keptOrders = keepDocument({ ...document('relays-on-demand'), schema: RelaysOnDemand, empty: {} })
  const keptRelaysOut = keepDocument({ ...document('relays-out'), schema: RelaysOut, empty: [] })
  const follower = followLive({
    ...{ playoutUrl: options.playoutUrl, controlToken: options.controlToken, clock, log, nowMs },
    playoutProblem: () => options.link()?.problem() ?? null,
  })
  const relays = createRelays({
    ...{ station, kept: keptOrders, nowMs, grants: plan.grants, onChange: changed },
    sessions: () => follower.answer()?.sessions ?? [],
  })
  const relaysOut = keepRelaysOut({
    ...{ station, kept: keptRelaysOut, nowMs, onChange: options.onChange },
    statuses: () => (options.link()?.problem() ? null : (options.link()?.last()?.status.targets ?? null)),
    newId: () => randomBytes(6).toString('hex'),
  })
  recompute()
  const stopTicking = clock.every(GRANTS_MS, changed)
  const clients = createEventClients(follower, clock)

  const publicHost = (asked: string): string => station().listen.publicHost ?? asked
  /** Where listeners come in, as `http://host:port`. */
  const edgeUrl = (ownHost: string): string => {
    const edge = options.nodes().find(({ record }) => record.role === 'edge')?.record
    const host = edge && !isOfThisMachine(edge.address) ? edge.address : publicHost(ownHost)
    return `http://${hostInUrl(host)}:${edge?.httpPort ?? EDGE_PORT}`
  }
  return {
    plan,
    follower,
    clients,
    relays,
    relaysOut,
    orders: createLiveOrders({ client, newest: follower.answer }),
    previews: createPreviews((id) => options.nodes().find(({ record }) => record.id === id)?.record ?? null, clock),
    /** Null: listening needs no signature. */
    playbackKey: (): string | null =>
      station().listen.signed && options.playbackSecret !== null ? playbackKeyOf(options.playbackSecret) : null,
    publicHost,
    edgeUrl,
    /** Keys, station file or nodes have changed. */
    changed,
    briefingFor(role: NodeRole): Pick<NodeBriefing, 'ingest' | 'archive' | 'playbackSecret'> {
      if (role === 'ingest') {
        const ingest = plan.ingestBriefing()
        return ingest ? { ingest } : {}
      }
      const { archive, listen } = station()
      if (role === 'archive')
        return {
          archive: {
            days: archive.days,
            recordingDays: archive.recordingDays,
            minFreeBytes: archive.minFreeGigabytes * GIGABYTE,
            automatic: archive.recordLive,
            publicUrl: edgeUrl('localhost'),
          },
        }
      const isSigned = role === 'edge' && listen.signed && options.playbackSecret !== null
      return isSigned ? { playbackSecret: playbackKeyOf(options.playbackSecret!) } : {}
    },
    foreignTargets: (): PushTarget[] => relaysOut.targets(),
    async redisIsBack(): Promise<void> {
      await Promise.all([keptOrders.redisIsBack(), keptRelaysOut.redisIsBack()])
    },
    stop(): void {
      stopTicking()
      clients.stop()
      follower.stop()
    },
  }
}

const ingestPeersOf = (nodes: readonly JudgedNode[]): IngestPeer[] =>
  nodes.flatMap(({ record }) =>
    record.role === 'ingest' && record.ingestKey
      ? [{ id: record.id, url: urlOf(record), readKey: record.ingestKey }]
      : [],
  )

function holdFileOf({ live: { holdFile }, musicFolder }: StationFile): string | null {
  if (holdFile === null || isAbsolute(holdFile)) return holdFile
  return musicFolder === null ? null : join(musicFolder, holdFile)
}
