import { SAMPLE_RATE } from '../../media/timeline.ts'

/** Everything that senders and readers could use without bound, and how much of it they get. The one place where these are stated. */
export const INGEST_LIMITS = {
  /** Feeds held at once, lost and ended ones included: each holds 11.5 MB. */
  feedsMax: 12,
  /** What is kept of each feed. */
  ringSamples: 30 * SAMPLE_RATE,
  /** A connection that has sent nothing for so long may be taken over by another one with the same key. */
  takeOverMs: 2_000,
  /** How often a key may connect: at once, and a second in the long run. Each time costs the process that makes the air a session. */
  connectsMax: 10,
  connectsPerSecondMax: 1,
  /** A feed is forgotten so long after the station's grace time, so that playout has seen its end by then. */
  forgetMs: 5_000,
  /** An anchor may connect so long before the times that the key is meant for, to be ready when they begin. */
  earlyMs: 5 * 60_000,
  /** Titles, formats and addresses as senders tell them. */
  textCharactersMax: 200,
  problemsMax: 8,
  /** How often feeds are looked over: forgotten, revoked. */
  lookEveryMs: 250,
  /** How often playout is told of the feeds when nothing changes: it must know what is on its way before its buffer is half empty. */
  tellEveryMs: 100,
  eventReadersMax: 8,
  /** Readers of one feed's audio: a playout, its successor, and one who looks. */
  pcmReadersMax: 4,
  previewsMax: 4,
  /** Bytes that wait for a reader that does not read; such a one is ended. */
  eventBytesWaitingMax: 262_144,
  /** Audio is handed to a reader in pieces of this size at most, the next one when the socket has taken it. */
  pcmPieceBytesMax: 65_536,
  /** A reader of audio that takes nothing for so long is ended. */
  readerStallMs: 15_000,
  /** Coded bytes that wait for a decoder that does not read. */
  decoderBytesWaitingMax: 262_144,
  /**
   * A decoder that is fed and gives nothing for so long is replaced; one that does not even wake up for what it is given, much sooner:
   * with another one started by then (100 ms), playout has still something in hand.
   */
  decoderSilentMs: 1_500,
  decoderStandsMs: 120,
  /** The first sound may take longer: the program has to be started. */
  decoderFirstSoundMs: 6_000,
  /** How long a decoder may take to give what is left after the last byte. */
  decoderDrainMs: 2_000,
  /** So many decoders may fail within a minute; then the sender is dropped. */
  decoderFailuresMax: 6,
} as const

/** Of the sockets that Icecast sources and studio pages come in by. */
export const SOCKET_LIMITS = {
  connectionsMax: 128,
  connectionsPerAddressMax: 32,
  /** From accept to the end of the request's head, or to a studio page's hello: a total, so that dripping bytes buys nothing. */
  headMs: 5_000,
  headBytesMax: 8_192,
  /** Without a byte of media from a source, or without any sign of life from a studio page. */
  idleMs: 15_000,
  pageIdleMs: 8_000,
  /** How long a refused peer may take to read why; what it sends meanwhile is thrown away. */
  lingerMs: 300,
  /** A source that sends faster than real time is read more slowly when it is so far ahead; what the network held back comes in at once. */
  aheadMsMax: 12_000,
  /** Coded bytes that wait for the decoder before the source is read more slowly. */
  waitingBytesMax: 131_072,
  /** The longest piece of a studio page: 60 ms at 192 kHz in stereo, and its number. */
  pageMessageBytesMax: 49_152,
  /** Messages of a studio page: at once, after the network was away, and a second in the long run. */
  pageMessagesMax: 2_000,
  pageMessagesPerSecondMax: 120,
  /** Orders of a studio page, each a question to the process that makes the air. */
  pageOrdersMax: 10,
  pageOrdersPerSecondMax: 2,
  /** Bytes that wait for a studio page that does not read. */
  pageBytesWaitingMax: 262_144,
  /** What playout says of live at once. */
  liveStatusCharactersMax: 4_000_000,
} as const

/** Of the ports that keys have of their own for SRT. */
export const SRT_LIMITS = {
  portsMax: 100,
  /** How often the ports are compared with the grants. */
  lookEveryMs: 500,
  /** Who has knocked must have come in by then, with the right passphrase; and then be heard. */
  callerMs: 5_000,
  firstSoundMs: 5_000,
  /** SRT itself gives a silent peer up after 5 s. */
  silentMs: 6_500,
  /** A connection that ends so soon after a sound was ended by the caller. */
  goodbyeMs: 1_500,
  retryFirstMs: 50,
  retryLongestMs: 5_000,
} as const

/** Of streams that are pulled in. */
export const RELAY_LIMITS = {
  relaysMax: 8,
  /** How often the pulls are compared with the grants. */
  lookEveryMs: 500,
  /** A pull begins so long before its window, to be ready when it opens. */
  earlyMs: 15_000,
  firstSoundMs: 15_000,
  /** A pull without a byte for so long is replaced; and one that gives no sound for so long, though a playlist may be reloaded meanwhile. */
  silentMs: 10_000,
  soundlessMs: 30_000,
  retryFirstMs: 500,
  retryLongestMs: 15_000,
  /** What is held here so that sound that comes in pieces goes on evenly; the rest waits on the network. */
  heldMsMax: 12_000,
  /** So much is waited for before the first sound is handed on, and so much is to be left when the next piece comes. */
  startMs: 1_000,
  leftMs: 2_000,
  /** By so much the pace may differ from real time, so that what is left neither grows nor runs out. */
  pacePpmMax: 150,
  /** Sound is handed on in pieces of this length. */
  pieceMs: 20,
} as const
