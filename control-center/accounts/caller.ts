import type { Role } from '../../schemas/accounts.ts'

/** Who asks. `anyone` showed nothing that proves who it is: it has no roles, and an empty id. */
export type Caller = {
  kind: 'person' | 'token' | 'anyone'
  id: string
  name: string
  roles: readonly Role[]
  /** The address that it asks from. */
  from: string
}

export const anyoneFrom = (from: string): Caller => ({ kind: 'anyone', id: '', name: '', roles: [], from })

/** May this caller do what is allowed to these roles? An admin may do everything. */
export const mayAs = (caller: Caller, allow: readonly Role[]): boolean =>
  caller.roles.includes('admin') || caller.roles.some((role) => allow.includes(role))
