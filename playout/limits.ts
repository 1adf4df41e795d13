/** Every limit of playout, in one place. Blocks are 1,024 samples: 21⅓ ms. */
export const limits = {
  /** How often it is looked whether decoders and the encoder still give something. */
  watchEveryMs: 100,
  /** Decoded audio kept ahead of the mixer for each file. */
  decodedAheadMs: 6_000,
  /** A decoder that gives nothing for this long, though it is asked, is killed and started again where it stood. */
  decoderSilentMs: 2_500,
  /** Starts of a decoder for one item before the item is given up. */
  decoderStartsMax: 2,
  /** Beyond this offset a decoder seeks (within half a sample) instead of decoding from the beginning (exact). */
  decodeFromStartSecondsMax: 240,
  /** Items are opened this long before they sound. */
  openAheadMs: 15_000,
  /** The mixer waits this long for a source that is late, then gives the item up. */
  sourceLateMs: 3_000,
  /** Blocks kept to feed a new encoder; 8 of them warm it, the rest were in flight when the old one died. */
  encoderRingBlocks: 160,
  encoderWarmBlocks: 8,
  /** The mixer stops ahead of an encoder that is this far behind. */
  encoderBacklogBlocksMax: 96,
  /** An encoder with work in hand that gives nothing for this long is killed. */
  encoderSilentMs: 1_000,
  /** Further behind than this (a process that was stopped), the frames between are given up: the ring on disk could not hold them. */
  lateMsMax: 300_000,
  /** Blocks mixed in one turn of the event loop while catching up. */
  blocksPerTurnMax: 16,
  /** Frames in the ring on disk: 349 s a rendition. */
  spoolFrames: 16_384,
  /** Sealed segments whose markers are kept. */
  spoolMarkers: 96,
  /** HTTP requests that are not for the control center alone have no body to speak of. */
  bodyBytesMax: 16 * 1024,
  /** Files are opened for the air too: strangers' connections must leave it some. */
  connectionsMax: 2_000,
  /** A rundown, or a list of targets, that arrives over HTTP. */
  rundownBytesMax: 16 * 1024 * 1024,
  /** As-run entries that a failing disk has not taken yet: days of them. */
  asRunUnwrittenMax: 2_000,
  /** Requests for frames that wait for them. */
  frameWaitersMax: 1_000,
  /** For so long at a time frames are packed for nodes, before the air gets its turn. */
  httpTurnMs: 4,
  /** Emergency audio kept as PCM. */
  emergencySecondsMax: 600,
  /** How long a start waits for the process before it, which may be at its end, to let go of the data folder. */
  predecessorMs: 10_000,
  /** A slicer that claims to have frames an hour beyond the wall clock and the spool is not believed. */
  reportedAheadFramesMax: 168_750,
  /** A start within this time of the one before counts as a crash of it. */
  crashWindowMs: 60_000,
  /** So many crashes skip the item on air; so many more leave only the emergency file. */
  crashesToSkipItem: 2,
  crashesToEmergencyOnly: 4,
  emergencyOnlyMs: 300_000,
  /** A target's socket may hold so many bytes that are not yet sent before its frames wait in the ring. */
  targetQueueBytes: 64 * 1024,
  /** A target that is further behind than this skips ahead, and the skipped frames are counted as dropped. */
  targetBehindFramesMax: 940,
  targetRetryMs: [250, 500, 1_000, 2_000],
  /** A push that lasted so long was a good one: the next loss is tried again at once. */
  targetSteadyMs: 10_000,
  targetsMax: 2_000,
  /** The clock follows the wall by at most so much, and not at all beyond the step. */
  clockSlewPpmMax: 500,
  clockStepMs: 1_000,
  /** Live audio kept here beyond the buffer of a session; what is more waits in the ring of the ingest node. */
  liveSpareMs: 5_000,
  /** The ingest node is asked again for a feed's audio, at the next sample, when nothing came for so long, and after a loss. */
  liveIdleMs: 1_000,
  liveHeadMs: 2_000,
  liveRetryMs: [0, 50, 100, 250, 500, 1_000],
  /** For longer than an ingest node keeps a feed's audio it is not asked in vain. */
  liveUnreachableMs: 30_000,
  /** The mixer waits so long for a voice that has run dry, before the programme comes in; and for one that it goes on with after a restart. */
  voiceDryMs: 1_000,
  voiceRestoreMs: 4_000,
  /** Without word from the control center for so long: an alarm. */
  controlCenterSilentMs: 180_000,
  /** Ingest nodes that are listened to, and how: a node with feeds speaks ten times a second. */
  ingestsMax: 32,
  ingestWatchMs: 200,
  ingestSilentMs: 1_500,
  ingestIdleMs: 6_000,
  ingestRetryMs: [100, 100, 200, 500, 1_000, 2_000],
  ingestLinesPerSecondMax: 2_000,
  ingestLineBytesMax: 512 * 1024,
  ingestKickMs: 2_000,
  /** After a start nodes are given so long to be heard before their silence means anything. */
  liveSettleMs: 2_000,
  /** Changes on air that are shown. */
  handoffsKept: 200,
  /** Readers of live events; one that does not take what it is sent for so long is let go. */
  liveReadersMax: 200,
  liveReaderStuckMs: 15_000,
  liveHeartbeatMs: 10_000,
} as const
