import type { Heartbeat, NodeView } from '../../schemas/nodes.ts'
import type { NodeRecord } from './node-record.ts'

export const SILENT_BEATS = 3

/** What is known about a node beyond its record. */
export type Presence = {
  /** Since its last heartbeat; before the first one, since it registered or was read from the store. */
  sinceHeardMs: number
  heartbeat: Heartbeat | null
}

export type NodeState = Pick<NodeView, 'state' | 'reason'>

/** Decides where a node stands, and why. A node that the control center has just read from its store gets the benefit of three beats. */
export function decideNodeState(record: NodeRecord, presence: Presence, heartbeatMs: number): NodeState {
  if (record.left) return { state: 'left', reason: 'the node said goodbye' }
  const limitMs = SILENT_BEATS * heartbeatMs
  if (presence.sinceHeardMs > limitMs)
    return {
      state: 'silent',
      reason: `no heartbeat for ${seconds(presence.sinceHeardMs)}, limit ${seconds(limitMs)}`,
    }
  const { heartbeat } = presence
  if (heartbeat === null)
    return record.serving
      ? { state: 'serving', reason: 'was serving before the control center started; its first heartbeat is awaited' }
      : { state: 'joining', reason: 'registered; its first heartbeat is awaited' }
  return { state: heartbeat.ready ? 'serving' : 'joining', reason: heartbeat.reason }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`
