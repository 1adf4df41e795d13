const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export const PEOPLE_MAX = 500
export const KEYS_A_PERSON_MAX = 20
export const TOKENS_MAX = 200

export const SESSIONS_MAX = 2_000
export const SESSIONS_A_PERSON_MAX = 20
/** A session ends when it is not used for so long … */
export const SESSION_IDLE_MS = 24 * HOUR_MS
/** … and so long after its beginning at the latest. */
export const SESSION_MS = 14 * 24 * HOUR_MS
/** How exactly the last use is kept on disk and in Redis. */
export const SESSION_USE_KEPT_MS = 5 * MINUTE_MS
/** After so long a session in use is looked up in Redis again: another control center may have ended it. */
export const SESSION_TRUSTED_MS = 5_000

/** So often Redis is rid of sessions that ended by time. */
export const SESSION_PURGE_MS = HOUR_MS

/** 19 MiB each (OWASP's smallest parameters for Argon2id): at most two at once, and a queue that a person may well wait in. */
export const HASHES_AT_ONCE = 2
export const HASHES_WAITING_MAX = 20

/** Document and sessions are compared with Redis so often. */
export const SYNC_MS = 2_000
