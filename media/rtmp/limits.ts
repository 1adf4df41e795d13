/** Everything that a peer could use without bound, and how much of it one gets. The one place where these are stated. */
export type RtmpLimits = {
  /** Longest message kept in memory, in bytes. Video is skipped as it arrives and so has no limit of its own. */
  messageBytesMax: number
  /** Chunk streams that one connection may open. Encoders use three to six. */
  chunkStreamsMax: number
  /** Announced bytes of unfinished messages of one connection, over all its chunk streams. */
  bufferedBytesMax: number
  /** Objects within objects in one AMF value. */
  amfDepthMax: number
  /** Values in one AMF message, properties included. */
  amfValuesMax: number
  /** Bytes of one AMF string. */
  amfStringBytesMax: number
  /** Message streams that one connection may create. */
  messageStreamsMax: number
  /** From accept to the end of the handshake, in ms: a total, so that dripping bytes buys nothing. */
  handshakeMs: number
  /** From the end of the handshake to a publish command, and from the end of one publication to the next, in ms. */
  commandMs: number
  /** How long the program may think about a publish request, in ms. */
  decisionMs: number
  /** Without a single byte from a publisher, in ms. A ping is sent at every third of it. */
  idleMs: number
  /** How long a refused peer may take to read why, in ms; what it sends meanwhile is thrown away. */
  lingerMs: number
  /** A connection that has not shaken hands for so long, in ms, makes room for a new one when there are too many. */
  halfOpenMs: number
  connectionsMax: number
  connectionsPerAddressMax: number
  /** Answers waiting for a peer that does not read, in bytes. */
  writeQueueBytesMax: number
}

export const RTMP_LIMITS: RtmpLimits = {
  messageBytesMax: 131_072,
  chunkStreamsMax: 32,
  bufferedBytesMax: 262_144,
  amfDepthMax: 16,
  amfValuesMax: 1_024,
  amfStringBytesMax: 65_536,
  messageStreamsMax: 16,
  handshakeMs: 5_000,
  commandMs: 10_000,
  decisionMs: 5_000,
  idleMs: 15_000,
  lingerMs: 200,
  halfOpenMs: 1_000,
  connectionsMax: 256,
  connectionsPerAddressMax: 64,
  writeQueueBytesMax: 65_536,
}
