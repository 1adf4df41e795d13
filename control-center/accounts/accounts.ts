import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { createDocumentStore } from './document-store.ts'
import { createFirstAdminLink } from './first-admin.ts'
import { createPasswords } from './passwords.ts'
import { createPeople } from './people.ts'
import { createSessions } from './sessions.ts'
import { createSignIn } from './sign-in.ts'
import { createTokens } from './tokens.ts'

export type Accounts = ReturnType<typeof createAccounts>

/** People, their ways to prove who they are, and their push keys. */
export function createAccounts(options: {
  dataFolder: string
  stationId: string
  redis: KeyValueStore
  clock: Clock
  /** The station's clock. */
  nowMs(): number
  log: Logger
}) {
  const { dataFolder, log } = options
  const nowMs = (): number => Math.floor(options.nowMs())
  const listeners: (() => void)[] = []
  const store = createDocumentStore({
    ...options,
    nowMs,
    path: join(dataFolder, 'accounts.json'),
    onChange() {
      firstAdmin.update(signIn.isSetupNeeded())
      for (const listener of listeners) listener()
    },
    onSharedLost: () => sessions.shareAgain(),
  })
  const sessions = createSessions({
    ...options,
    nowMs,
    path: join(dataFolder, 'sessions.json'),
    person: (id) => store.current().people.find((person) => person.id === id),
    compareAccounts: store.sync,
  })
  const passwords = createPasswords()
  const firstAdmin = createFirstAdminLink(join(dataFolder, 'first-admin-link'), log)
  const signIn = createSignIn({ ...options, nowMs, store, sessions, passwords, firstAdmin })
  const people = createPeople(store, sessions, passwords, nowMs)
  const tokens = createTokens(store, nowMs)
  const compare = async (): Promise<void> => {
    await store.sync()
    firstAdmin.update(signIn.isSetupNeeded())
    await sessions.flush()
  }

  return {
    signIn,
    people,
    tokens,
    /** All push keys that hold now: of people who may go on air. */
    keys: people.keys,
    ensureStudioKey: people.ensureStudioKey,
    /** False when nobody is known only because nothing is: neither the disk nor Redis has told yet. */
    isKnown: store.isKnown,
    /** Calls back whenever people, keys or tokens have changed, here or at another control center. */
    onChange: (listener: () => void): void => void listeners.push(listener),
    identities: {
      ofSession: signIn.callerOf,
      ofToken(token: string, from: string) {
        const caller = tokens.callerOf(token, from)
        return caller && { caller, csrf: null }
      },
    },
    alarms: (): string[] => [store.alarm()].filter((alarm) => alarm !== null),
    /** To be called whenever Redis becomes usable. */
    redisIsBack: (): void => void compare(),
    stop(): void {
      store.stop()
      sessions.stop()
    },
  }
}
