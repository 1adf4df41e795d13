import type { TokenCreation, TokenMade, TokenView } from '../../schemas/accounts.ts'
import { Refusal } from '../refusal.ts'
import type { Caller } from './caller.ts'
import type { TokenData } from './document.ts'
import type { DocumentStore } from './document-store.ts'
import { TOKENS_MAX } from './limits.ts'
import { makeId, makeToken, sha256Of } from './secrets.ts'

const DAY_MS = 86_400_000
/** Tells an API token from a node's credential, and whoever finds one what it is. */
const TOKEN_PREFIX = 'att_'

/** API tokens: for programs, with one role and an end. */
export function createTokens(store: DocumentStore, nowMs: () => number) {
  const viewOf = ({ sha256: _secret, ...token }: TokenData): TokenView => ({
    ...token,
    expired: nowMs() >= token.expiresMs,
  })
  return {
    views: (): TokenView[] => store.current().tokens.map(viewOf),
    async make({ label, role, expiresInDays }: TokenCreation, createdBy: string): Promise<TokenMade> {
      const token = TOKEN_PREFIX + makeToken()
      const createdMs = nowMs()
      const expiresMs = createdMs + expiresInDays * DAY_MS
      const data = { id: makeId('token'), label, role, sha256: sha256Of(token), createdMs, createdBy, expiresMs }
      await store.change((document) => {
        if (document.tokens.length >= TOKENS_MAX)
          throw new Refusal('account-conflict', `There are ${TOKENS_MAX} tokens already: revoke those that expired.`)
        return { ...document, tokens: [...document.tokens, data] }
      })
      return { token, view: viewOf(data) }
    },
    async remove(id: string): Promise<void> {
      await store.change((document) => {
        if (!document.tokens.some((token) => token.id === id))
          throw new Refusal('not-found', `There is no token ${id}.`)
        return { ...document, tokens: document.tokens.filter((token) => token.id !== id) }
      })
    },
    callerOf(token: string, from: string): Caller | null {
      const sha256 = sha256Of(token)
      const found = store.current().tokens.find((candidate) => candidate.sha256 === sha256)
      if (!found || nowMs() >= found.expiresMs) return null
      return { kind: 'token', id: found.id, name: found.label, roles: [found.role], from }
    },
  }
}
