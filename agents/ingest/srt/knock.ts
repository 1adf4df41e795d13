const HANDSHAKE_BYTES = 64
/** A control packet of type 0: a handshake. */
const HANDSHAKE = 0x80000000

/** Whether a datagram is an SRT caller's first one (draft-sharabayko-srt, section 3.2.1 and 4.3.1.1: induction, to a socket id of 0). */
export function isSrtKnock(datagram: Buffer): boolean {
  return datagram.length >= HANDSHAKE_BYTES && datagram.readUInt32BE(0) === HANDSHAKE && datagram.readUInt32BE(12) === 0
}
