import type { Peer } from '../../schemas/nodes.ts'
import type { PushTarget } from '../../schemas/playout.ts'
import type { NodeRecord } from './node-record.ts'
import { type NodeState, SILENT_BEATS } from './node-state.ts'

/** A node with what was decided about it. */
export type JudgedNode = { record: NodeRecord; state: NodeState['state']; sinceHeardMs: number }

/**
 * Whom playout pushes to: every slicer that is heard. When none is heard, the observer is more likely ill than all of them at
 * once, so those that were heard last stay: a list of slicers never becomes empty by silence.
 */
export function pushTargetsOf(nodes: JudgedNode[], renditions: string[], heartbeatMs: number): PushTarget[] {
  const slicers = nodes.filter(({ record, state }) => record.role === 'slicer' && state !== 'left')
  const heard = slicers.filter(({ state }) => state !== 'silent')
  const latestMs = Math.min(...slicers.map(({ sinceHeardMs }) => sinceHeardMs))
  const lastHeard = slicers.filter(({ sinceHeardMs }) => sinceHeardMs <= latestMs + SILENT_BEATS * heartbeatMs)
  return byId(heard.length > 0 ? heard : lastHeard).map(({ record }) => ({
    id: record.id,
    url: `rtmp://${hostInUrl(record.address)}:${record.rtmpPort}/${record.application}`,
    pushKey: record.pushKey,
    renditions,
    generation: record.generation,
  }))
}

/** Every registered node, silent ones too: a node cut off from the control center may still ask its peers for frames. */
export const peersOf = (nodes: JudgedNode[]): Peer[] => presentOf(nodes).map(({ record }) => peerOf(record))

/** Who has not said goodbye, in the order of their ids. */
export const presentOf = (nodes: JudgedNode[]): JudgedNode[] => byId(nodes.filter(({ state }) => state !== 'left'))

export const urlOf = ({ address, httpPort }: Pick<NodeRecord, 'address' | 'httpPort'>): string =>
  `http://${hostInUrl(address)}:${httpPort}`

export const peerOf = (record: NodeRecord): Peer => ({
  id: record.id,
  role: record.role,
  url: urlOf(record),
  credentialSha256: record.credentialSha256,
})

/**
 * Slicers that listeners may be sent to. Never emptied by illness: when none serves, those listed before stay, but for nodes
 * that left by themselves.
 */
export function servingOf(nodes: JudgedNode[], before: string[]): string[] {
  const slicers = byId(nodes.filter(({ record }) => record.role === 'slicer'))
  const serving = slicers.filter(({ state }) => state === 'serving')
  const kept = slicers.filter(({ record, state }) => state !== 'left' && before.includes(record.id))
  return (serving.length > 0 ? serving : kept).map(({ record }) => record.id)
}

const byId = (nodes: JudgedNode[]): JudgedNode[] =>
  [...nodes].sort((a, b) => (a.record.id < b.record.id ? -1 : a.record.id > b.record.id ? 1 : 0))

export const hostInUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
