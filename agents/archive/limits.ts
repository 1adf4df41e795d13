/** Every bound of the archive, in one place. */
export const limits = {
  /** How far back the archive asks for what it lacks: a little more than playout's spool holds. */
  reachSegments: 100,
  segmentsPerRequest: 5,
  /** A segment that nobody could give is asked for again after so long. */
  vainMs: 10_000,
  /** Kept when the station keeps no days of the air, so that recordings have something to be copied from. */
  workingMs: 2 * 3_600_000,
  /** Files of segments that are open at a time. */
  openFiles: 16,
  recordings: 10_000,
  recordingMs: 24 * 3_600_000,
  /** A recording may be ordered so long ahead. */
  aheadMs: 24 * 3_600_000,
  catchupMs: 24 * 3_600_000,
  /** After a write has failed, the disk is left alone for so long. */
  diskPauseMs: 10_000,
  /** Converted files that can be made anew at any time. */
  cacheBytes: 2 * 1024 ** 3,
  conversionsAtOnce: 1,
  conversionsWaiting: 8,
  conversionMs: 600_000,
  /** For so long an answer waits for a file that is being made. */
  conversionPatienceMs: 20_000,
  bodyBytes: 16 * 1024,
  connections: 500,
  /** Sessions whose recordings were deleted by a person, and are not made again. */
  deletedSessionMs: 3 * 24 * 3_600_000,
} as const
