import { randomBytes } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import {
  archiveKeyOf,
  callerOf,
  credentialSha256,
  ingestKeyOf,
  isSameSecret,
  pushKeyOf,
} from '../../platform/credentials.ts'
import type { Logger } from '../../platform/log.ts'
import type { StationInfo } from '../../schemas/markers.ts'
import { PACKAGING_VERSION } from '../../schemas/markers.ts'
import type {
  Heartbeat,
  NodeBriefing,
  NodeRegistered,
  NodeRegistration,
  NodeRole,
  NodeView,
} from '../../schemas/nodes.ts'
import type { PushTarget, PushTargets } from '../../schemas/playout.ts'
import { Refusal } from '../refusal.ts'
import { alarmsOf } from './node-alarms.ts'
import { hostInUrl, type JudgedNode, peerOf, peersOf, presentOf, pushTargetsOf, servingOf } from './node-lists.ts'
import type { NodeRecord } from './node-record.ts'
import { decideNodeState, type NodeState, SILENT_BEATS } from './node-state.ts'
import type { NodeStore } from './node-store.ts'
import { createSharedRecords, newerOf } from './shared-records.ts'
import { type ContentVersion, versionFor } from './versioned-list.ts'

const NODES_MAX = 500
const FORGET_LEFT_MS = 3_600_000
const FORGET_SILENT_MS = 24 * 3_600_000

export type RegistryOptions = {
  store: NodeStore
  clock: Clock
  log: Logger
  joinToken: string
  heartbeatMs: number
  stationInfo(): StationInfo
  /** As nodes reach it. */
  playoutUrl: string
  /** The station's clock. */
  nowMs(): number
  /** What nodes of a role are told beyond what all are. Asked at each briefing: it must be at hand. */
  briefingFor(role: NodeRole): Pick<NodeBriefing, 'ingest' | 'archive' | 'playbackSecret'>
  /** Foreign RTMP servers that playout pushes to as well. */
  foreignTargets(): PushTarget[]
  /** Something that playout should be told has changed. */
  onChange(): void
}

type Node = { record: NodeRecord; heardAtMs: number; heartbeat: Heartbeat | null; judged: NodeState }

export type NodeRegistry = ReturnType<typeof createNodeRegistry>

/** Knows the nodes, takes their words, and derives from them whom playout pushes to and where listeners may be sent. */
export function createNodeRegistry(options: RegistryOptions) {
  const { store, clock, log, heartbeatMs } = options
  const nodes = new Map<string, Node>()
  const startedAtMs = clock.monotonicMs()
  let serving: string[] = []
  let targets: ContentVersion | null = null
  let unsavedFile = false
  const fromFile = store.readFile()

  const enter = (record: NodeRecord, heardAtMs = clock.monotonicMs()): void => {
    const known = { record, heardAtMs, heartbeat: null }
    nodes.set(record.id, { ...known, judged: decideNodeState(record, { ...known, sinceHeardMs: 0 }, heartbeatMs) })
  }
  const shared = createSharedRecords(
    store,
    (id) => nodes.get(id)?.record,
    (record) => {
      const ours = nodes.get(record.id)?.record
      if (newerOf(ours, record) === record) enter(record)
    },
    log,
  )
  if (fromFile) {
    targets = fromFile.targets
    for (const record of fromFile.records) enter(record)
    serving = fromFile.records.filter((record) => record.serving).map(({ id }) => id)
  }

  const judged = (): JudgedNode[] => {
    const nowMs = clock.monotonicMs()
    return [...nodes.values()].map((node) => ({
      record: node.record,
      state: node.judged.state,
      sinceHeardMs: nowMs - node.heardAtMs,
    }))
  }
  const keep = (id: string): void => {
    unsavedFile = true
    shared.changed(id)
  }
  const setRecord = (node: Node, change: Partial<NodeRecord>): void => {
    node.record = { ...node.record, ...change }
    keep(node.record.id)
  }
  /** Decides anew about every node; writes down and tells on what changed. */
  const judgeAll = (): void => {
    const nowMs = clock.monotonicMs()
    let changed = unsavedFile
    for (const node of nodes.values()) {
      const presence = { sinceHeardMs: nowMs - node.heardAtMs, heartbeat: node.heartbeat }
      const next = decideNodeState(node.record, presence, heartbeatMs)
      if (next.state !== node.judged.state) {
        changed = true
        log.info(
          { id: node.record.id, from: node.judged.state, to: next.state },
          `${node.record.id} is ${next.state}: ${next.reason}`,
        )
      }
      node.judged = next
      if (presence.sinceHeardMs > (next.state === 'left' ? FORGET_LEFT_MS : FORGET_SILENT_MS)) {
        nodes.delete(node.record.id)
        keep(node.record.id)
      }
    }
    serving = servingOf(judged(), serving)
    for (const node of nodes.values()) {
      const listed = serving.includes(node.record.id)
      if (node.record.serving !== listed) setRecord(node, { serving: listed })
    }
    if (unsavedFile) saveFile()
    if (changed) options.onChange()
  }
  const saveFile = (): void => {
    unsavedFile = false
    store.writeFile({ records: [...nodes.values()].map(({ record }) => record), targets })
  }

  const tickMs = heartbeatMs / 8
  let tickedAtMs = startedAtMs
  const stopTicking = clock.every(tickMs, () => {
    const nowMs = clock.monotonicMs()
    const sleptMs = nowMs - tickedAtMs - tickMs
    tickedAtMs = nowMs
    // It was this program that stood still, not the nodes: they could not be heard meanwhile.
    if (sleptMs > heartbeatMs)
      for (const node of nodes.values()) node.heardAtMs = Math.min(nowMs, node.heardAtMs + sleptMs)
    judgeAll()
    void shared.flush()
  })

  const briefing = ({ id: caller, role }: NodeRecord): NodeBriefing => ({
    ...options.briefingFor(role),
    station: options.stationInfo(),
    playoutUrl: options.playoutUrl,
    peers: peersOf(judged()).filter(({ id }) => id !== caller),
    serving,
    heartbeatMs,
  })
  const authenticate = (id: string, authorization: string | undefined): Node => {
    const node = nodes.get(id)
    if (!node || !callerOf(authorization, [peerOf(node.record)]))
      throw new Refusal('credential-wrong', `No node ${id} is registered under this credential.`)
    return node
  }

  return {
    /** Resolves when the record is in Redis, or Redis could not take it now; the node is in either way. Throws a Refusal. */
    async register(asked: NodeRegistration): Promise<NodeRegistered> {
      if (!isSameSecret(asked.joinToken, options.joinToken))
        throw new Refusal('join-token-wrong', `The join token of ${asked.id} is not the station's.`)
      // An ingest node packages nothing.
      if (asked.role !== 'ingest' && !asked.packagingVersions.includes(PACKAGING_VERSION))
        throw new Refusal(
          'node-unsupported',
          `${asked.id} packages in version ${asked.packagingVersions.join(', ') || '(none)'}; the station is at ${PACKAGING_VERSION}.`,
        )
      if (asked.role === 'slicer' && asked.rtmpPort === undefined)
        throw new Refusal('slicer-without-rtmp-port', `The slicer ${asked.id} named no rtmpPort.`)
      // Playout, edges and peers make addresses of it: one that is none would come to all of them.
      if (!URL.canParse(`http://${hostInUrl(asked.address)}:${asked.httpPort}`))
        throw new Refusal(
          'request-invalid',
          `${asked.address} is neither a host name nor an address: no port belongs to it.`,
        )
      const known = nodes.get(asked.id)
      if (!known && nodes.size >= NODES_MAX)
        throw new Refusal('nodes-too-many', `${nodes.size} nodes are registered already; ${NODES_MAX} is the limit.`)
      const credential = randomBytes(32).toString('hex')
      const generation = Math.max(known?.record.generation ?? 0, asked.generation) + 1
      enter({
        id: asked.id,
        role: asked.role,
        address: asked.address,
        httpPort: asked.httpPort,
        ...(asked.rtmpPort === undefined ? {} : { rtmpPort: asked.rtmpPort }),
        application: asked.application ?? 'live',
        softwareVersion: asked.softwareVersion,
        generation,
        credentialSha256: credentialSha256(credential),
        pushKey: pushKeyOf(credential),
        ...(asked.role === 'ingest' && asked.waysIn ? { waysIn: asked.waysIn } : {}),
        ...(asked.role === 'ingest' ? { ingestKey: ingestKeyOf(credential) } : {}),
        ...(asked.role === 'archive' ? { archiveKey: archiveKeyOf(credential) } : {}),
        left: false,
        serving: false,
      })
      log.info({ id: asked.id, role: asked.role, generation, address: asked.address }, `${asked.id} registered`)
      keep(asked.id)
      judgeAll()
      await shared.flush()
      return { id: asked.id, generation, credential, briefing: briefing(nodes.get(asked.id)!.record) }
    },

    /** Takes a heartbeat; answers what the node must know. Throws a Refusal: 401 means register again. */
    heartbeat(id: string, authorization: string | undefined, beat: Heartbeat): NodeBriefing {
      const node = authenticate(id, authorization)
      if (beat.generation !== node.record.generation)
        throw new Refusal(
          'generation-old',
          `${id} says generation ${beat.generation}, its registration was ${node.record.generation}.`,
        )
      node.heartbeat = beat
      node.heardAtMs = clock.monotonicMs()
      if (node.record.left || node.record.softwareVersion !== beat.softwareVersion)
        setRecord(node, { left: false, softwareVersion: beat.softwareVersion })
      judgeAll()
      return briefing(node.record)
    },

    leave(id: string, authorization: string | undefined): void {
      const node = authenticate(id, authorization)
      setRecord(node, { left: true })
      judgeAll()
    },

    views(): NodeView[] {
      const nowMs = clock.monotonicMs()
      return [...nodes.values()]
        .map(({ record, judged: { state, reason }, heartbeat, heardAtMs }) => ({
          id: record.id,
          role: record.role,
          address: record.address,
          httpPort: record.httpPort,
          ...(record.rtmpPort === undefined ? {} : { rtmpPort: record.rtmpPort }),
          ...(record.waysIn === undefined ? {} : { waysIn: record.waysIn }),
          generation: record.generation,
          state,
          reason,
          softwareVersion: record.softwareVersion,
          lastHeartbeatAgeMs: heartbeat ? nowMs - heardAtMs : null,
          heartbeat,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
    },

    serving: () => serving,

    /** Who has not said goodbye, in the order of their ids. */
    present: (): JudgedNode[] => presentOf(judged()),

    /**
     * What playout should hold. Null while it is not known yet: without a file of our own, Redis is asked first, for as long
     * as a living node would need to register anew; until then playout keeps the list that it has, if it has one.
     *
     * @param heldVersion the version that playout holds
     */
    wantedTargets(heldVersion: number): PushTargets | null {
      const graceMs = SILENT_BEATS * heartbeatMs + 2_000
      const unknown = !fromFile && !shared.loaded() && clock.monotonicMs() - startedAtMs < graceMs
      if (unknown && heldVersion > 0) return null
      const renditions = options.stationInfo().renditions.map(({ id }) => id)
      const slicers = pushTargetsOf(judged(), renditions, heartbeatMs)
      const content = { targets: [...slicers, ...options.foreignTargets()], peers: peersOf(judged()) }
      const next = versionFor(content, targets, heldVersion, options.nowMs())
      if (next !== targets) {
        targets = next
        saveFile()
      }
      return { version: next.version, ...content }
    },

    alarms: () =>
      alarmsOf([...nodes.values()].map(({ record, judged, heartbeat }) => ({ ...judged, record, heartbeat }))),
    unwritten: () => shared.unwritten(),
    /** To be called whenever Redis becomes usable. */
    redisIsBack(): void {
      shared.reconnected(nodes.keys())
      void shared.flush()
    },
    stop(): void {
      stopTicking()
      saveFile()
    },
  }
}
