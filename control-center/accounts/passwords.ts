import { Refusal } from '../refusal.ts'
import { HASHES_AT_ONCE, HASHES_WAITING_MAX } from './limits.ts'

/** OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Of nobody's password, with the same parameters: checked where there is no account, so that the time tells nothing. */
const NOBODYS_HASH = '$argon2id$v=19$m=19456,t=2,p=1$aebrUIarCzi6WhflnYnamw$fcrI9PO+jS/2eueblpG93JP4iwZGJ859y/Hv8NKEUkE'

export type Passwords = {
  hash(password: string): Promise<string>
  /** False for no hash, after the same time. Throws a Refusal (`sign-in-busy`) when too many are waiting. */
  verify(hash: string | null, password: string): Promise<boolean>
}

/** Hashes off the event loop, few at a time: each takes 19 MiB and some 30 ms of a core. */
export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= HASHES_AT_ONCE) {
      if (waiting.length >= HASHES_WAITING_MAX)
        throw new Refusal('sign-in-busy', 'Too many passwords are being checked at this moment.', 5)
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  return {
    hash: (password) =>
      inTurn(async () => (await import('@node-rs/argon2')).hash(password.normalize('NFKC'), PARAMETERS)),
    verify: (hash, password) =>
      inTurn(async () => {
        const { verify } = await import('@node-rs/argon2')
        const isRight = await verify(hash ?? NOBODYS_HASH, password.normalize('NFKC'))
        return hash !== null && isRight
      }),
  }
}
