import { createHmac } from 'node:crypto'

/**
 * The digest handshake of Flash Player 9 and later. It is not in the published specification; every server and encoder knows it,
 * because without it Flash played no H.264. The packet of 1,536 bytes carries an HMAC of itself at a place that its own bytes tell.
 */
export const PACKET_BYTES = 1536
export type DigestLayout = 'digest-first' | 'digest-second'
export type Side = 'client' | 'server'

const SHARED_TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')
const NAME = {
  client: Buffer.from('Genuine Adobe Flash Player 001', 'latin1'),
  server: Buffer.from('Genuine Adobe Flash Media Server 001', 'latin1'),
}
const DIGEST_BYTES = 32
/** Where the four bytes that tell the place stand; the digest lies somewhere in the 728 bytes after them. */
const POINTER_AT: Record<DigestLayout, number> = { 'digest-first': 8, 'digest-second': 772 }

/** Writes the digest into a first packet (C1 or S1); answers it. */
export function signPacket(packet: Buffer, side: Side, layout: DigestLayout): Buffer {
  const digest = digestOf(packet, side, layout)
  digest.copy(packet, digestAt(packet, layout))
  return digest
}

/** The digest of a first packet and its layout; null when it has none, which means a simple handshake. */
export function findDigest(packet: Buffer, side: Side): { layout: DigestLayout; digest: Buffer } | null {
  for (const layout of ['digest-first', 'digest-second'] as const) {
    const at = digestAt(packet, layout)
    const digest = packet.subarray(at, at + DIGEST_BYTES)
    if (digest.equals(digestOf(packet, side, layout))) return { layout, digest }
  }
  return null
}

/** Makes random bytes the answer (S2 or C2) to the other side's digest: its last 32 bytes prove knowledge of the key. */
export function signAnswer(packet: Buffer, side: Side, digestAnswered: Buffer): void {
  answerProof(packet, side, digestAnswered).copy(packet, PACKET_BYTES - DIGEST_BYTES)
}

/** Is this the right answer of that side to our digest? */
export function provesDigest(packet: Buffer, side: Side, digestAnswered: Buffer): boolean {
  return packet.subarray(PACKET_BYTES - DIGEST_BYTES).equals(answerProof(packet, side, digestAnswered))
}

function answerProof(packet: Buffer, side: Side, digestAnswered: Buffer): Buffer {
  const key = createHmac('sha256', Buffer.concat([NAME[side], SHARED_TAIL]))
    .update(digestAnswered)
    .digest()
  return createHmac('sha256', key)
    .update(packet.subarray(0, PACKET_BYTES - DIGEST_BYTES))
    .digest()
}

function digestAt(packet: Buffer, layout: DigestLayout): number {
  const at = POINTER_AT[layout]
  const sum = packet[at]! + packet[at + 1]! + packet[at + 2]! + packet[at + 3]!
  return at + 4 + (sum % 728)
}

function digestOf(packet: Buffer, side: Side, layout: DigestLayout): Buffer {
  const at = digestAt(packet, layout)
  return createHmac('sha256', NAME[side])
    .update(packet.subarray(0, at))
    .update(packet.subarray(at + DIGEST_BYTES))
    .digest()
}
