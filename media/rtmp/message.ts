/** RTMP message types (RTMP 1.0, 5.4 and 7.1). */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const

/** One whole message. The timestamp is what the wire says: milliseconds modulo 2^32. The body is the receiver's own memory. */
export type RtmpMessage = { type: number; streamId: number; timestamp: number; body: Buffer }

/** From here on a timestamp does not fit its three bytes, and four more follow the header (RTMP 1.0, 5.3.1.3). */
export const EXTENDED_TIMESTAMP = 0xffffff
export const DEFAULT_CHUNK_SIZE = 128
