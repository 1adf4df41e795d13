import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { check } from '../../schemas/check.ts'
import { NodeRecord } from './node-record.ts'

const NodesFile = Type.Object({
  records: Type.Array(NodeRecord),
  targets: Type.Union([Type.Object({ version: Type.Integer(), fingerprint: Type.String() }), Type.Null()]),
})
export type NodesFile = Static<typeof NodesFile>

/** Where node records are kept: in Redis, which other control centers share, and in a file of our own, for when Redis is dead. */
export type NodeStore = {
  readFile(): NodesFile | null
  writeFile(file: NodesFile): void
  /** Rejects while Redis is dead. */
  readShared(): Promise<NodeRecord[]>
  /** False when Redis holds a higher generation. Rejects while Redis is dead. */
  writeShared(record: NodeRecord): Promise<boolean>
  removeShared(id: string): Promise<void>
}

export function createNodeStore(path: string, stationId: string, redis: KeyValueStore, log: Logger): NodeStore {
  const key = `airtight:${stationId}:nodes`
  return {
    readFile() {
      try {
        const text = readFileIfThere(path)
        if (text === null) return null
        const checked = check(NodesFile, JSON.parse(text))
        if (checked.ok) return checked.value
        log.warn({ path, problems: checked.problems.slice(0, 3) }, 'the kept nodes do not fit their schema: not used')
      } catch (error) {
        log.warn({ path, error: (error as Error).message }, 'the kept nodes cannot be read: not used')
      }
      return null
    },
    writeFile(file) {
      try {
        replaceFile(path, JSON.stringify(file))
      } catch (error) {
        log.error({ path, error: (error as Error).message }, 'the nodes cannot be kept on disk')
      }
    },
    async readShared() {
      const records: NodeRecord[] = []
      for (const [id, text] of Object.entries(await redis.readHash(key))) {
        const checked = check(NodeRecord, jsonOrNull(text))
        if (checked.ok && checked.value.id === id) records.push(checked.value)
        else log.warn({ id }, 'a node record in Redis does not fit its schema: left alone')
      }
      return records
    },
    writeShared: (record) => redis.writeRecord(key, record.id, record),
    removeShared: (id) => redis.removeRecord(key, id),
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
