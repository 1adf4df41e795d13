import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import { check } from '../../schemas/check.ts'
import { NodeId, NodeRegistered, NodeRegistration } from '../../schemas/nodes.ts'

/** What a node says of itself when it registers. */
export const Announcement = Type.Omit(NodeRegistration, ['joinToken', 'generation'])
export type Announcement = Static<typeof Announcement>

const Identity = Type.Object({
  id: NodeId,
  /** What was said at the last registration: when the node has moved since, it registers again. */
  announced: Type.Union([Announcement, Type.Null()]),
  registered: Type.Union([NodeRegistered, Type.Null()]),
})
/** Who the node is, and what it was told: all that it keeps on disk. Holds the credential, so the file is the owner's alone. */
export type Identity = Static<typeof Identity>

const fileIn = (folder: string): string => join(folder, 'node.json')

/**
 * The node as its folder remembers it. A wanted id other than the remembered one makes a new node; with neither, an id is
 * drawn. A damaged file counts as none. Throws the file system's error when the folder can't be read.
 */
export function loadIdentity(folder: string, role: string, wantedId?: string): Identity {
  const text = readFileIfThere(fileIn(folder))
  const known = text === null ? null : parseIdentity(text)
  if (known && (wantedId === undefined || known.id === wantedId)) return known
  return { id: wantedId ?? `${role}-${randomBytes(4).toString('hex')}`, announced: null, registered: null }
}

export function saveIdentity(folder: string, identity: Identity): void {
  replaceFile(fileIn(folder), `${JSON.stringify(identity, null, 2)}\n`, 0o600)
}

function parseIdentity(text: string): Identity | null {
  try {
    const checked = check(Identity, JSON.parse(text))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}
