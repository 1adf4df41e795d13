import type { Heartbeat } from '../../schemas/nodes.ts'
import type { NodeRecord } from './node-record.ts'
import type { NodeState } from './node-state.ts'

export type KnownNode = NodeState & { record: Pick<NodeRecord, 'id' | 'role'>; heartbeat: Heartbeat | null }

/** What about the nodes an operator must know, in sentences that stay the same for as long as it lasts. Who said goodbye is no reason. */
export function alarmsOf(nodes: readonly KnownNode[]): string[] {
  const here = nodes.filter(({ state }) => state !== 'left')
  const silent = here.filter(({ state }) => state === 'silent')
  return [
    ...alarmOfSlicers(here.filter(({ record }) => record.role === 'slicer')),
    ...silent.map(({ record: { id } }) => `${id} is silent: it sends no heartbeats any more.`),
    ...here
      .filter(({ state }) => state !== 'silent')
      .flatMap(({ record, heartbeat }) =>
        (heartbeat?.takenOut ?? []).map(({ id }) => `${record.id} sends no listeners to ${id}: it was found ill.`),
      ),
  ]
}

function alarmOfSlicers(slicers: readonly KnownNode[]): string[] {
  if (slicers.length === 0) return ['No slicer is registered: nobody can listen.']
  if (slicers.every(({ state }) => state === 'silent'))
    return ['No slicer is heard by the control center: the push list stays as it was.']
  if (slicers.every(({ state }) => state !== 'serving')) return ['No slicer is ready to serve listeners.']
  return []
}
