import { rmSync } from 'node:fs'
import { isSameSecret } from '../../platform/credentials.ts'
import { replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import { makeToken, sha256Of } from './secrets.ts'

/**
 * The way in for the first admin: a link that lies in a file (0600), for the launcher's banner, for as long as there is no admin. Each start
 * makes another one.
 *
 * @param path of the file; what a start before left there is removed at once
 */
export function createFirstAdminLink(path: string, log: Logger) {
  let sha256: string | null = null
  rmSync(path, { force: true })
  return {
    /** To be called whenever it may have become known that there is an admin, or none. */
    update(isNeeded: boolean): void {
      if (isNeeded === (sha256 !== null)) return
      try {
        if (isNeeded) {
          const token = makeToken()
          replaceFile(path, `/link/${token}\n`, 0o600)
          sha256 = sha256Of(token)
          log.info(`there is no admin yet: the link that makes one is in ${path}`)
        } else {
          sha256 = null
          rmSync(path, { force: true })
        }
      } catch (error) {
        log.error({ path, error: (error as Error).message }, "the first admin's link cannot be written")
      }
    },
    isIt: (token: string): boolean => sha256 !== null && isSameSecret(sha256Of(token), sha256),
  }
}
