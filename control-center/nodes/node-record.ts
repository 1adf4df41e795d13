import Type, { type Static } from 'typebox'
import { NodeId, NodeRole, WaysIn } from '../../schemas/nodes.ts'

/** What outlives a restart, in Redis and on disk. Heartbeats don't: they stay in memory. */
export const NodeRecord = Type.Object({
  id: NodeId,
  role: NodeRole,
  address: Type.String(),
  httpPort: Type.Integer(),
  /** Slicers only. */
  rtmpPort: Type.Optional(Type.Integer()),
  application: Type.String(),
  softwareVersion: Type.String(),
  /** Rises with each registration: what a lower one says is refused. */
  generation: Type.Integer({ minimum: 1 }),
  credentialSha256: Type.String(),
  pushKey: Type.String(),
  /** Ingest nodes only: where senders come in, and what playout and we show to read its feeds. */
  waysIn: Type.Optional(WaysIn),
  ingestKey: Type.Optional(Type.String()),
  /** Archives only: what we show to ask for recordings. */
  archiveKey: Type.Optional(Type.String()),
  /** The node said goodbye. */
  left: Type.Boolean(),
  /** Listeners were being sent to it when the record was written: so it stays after a restart of the control center, until it is silent. */
  serving: Type.Boolean(),
})
export type NodeRecord = Static<typeof NodeRecord>
