import type { RenditionInfo, Title } from '../schemas/markers.ts'
import { ADTS_HEADER_BYTES, adtsOfUnits } from './adts.ts'
import { bitrateOf } from './bitrate.ts'
import { u8, u16 } from './bytes.ts'
import { titleTag } from './id3.ts'
import { packetise, packetsNeeded } from './mpegts-packets.ts'
import { AUDIO_PID, ID3_PID, PMT_PID, programAssociation, programMap } from './mpegts-tables.ts'
import { assertWhole, type Segment } from './segment.ts'
import { FRAME_SAMPLES, FRAMES_PER_SEGMENT, firstFrameOfSegment, SAMPLE_RATE, SEGMENT_SECONDS } from './timeline.ts'

const TICKS_PER_FRAME = (FRAME_SAMPLES * 90_000) / SAMPLE_RATE
const CLOCK_WRAP = 2 ** 33
/** A quarter of a segment; many, since each PES costs the rest of a packet. */
const FRAMES_PER_PES = 47
/** Below what a PES packet's 16-bit length can say. */
const PES_PAYLOAD_BYTES_MAX = 65_500
/** The clock runs this much ahead of what it times: 0.3 s. */
const CLOCK_LEAD_TICKS = 27_000
const AUDIO_STREAM_ID = 0xc0
const PRIVATE_STREAM_1 = 0xbd
/** With a PTS and nothing else. */
const PES_HEADER_BYTES = 14
/** One packet's payload less the PES header: so long may a tag be. */
const TAG_BYTES_MAX = 184 - PES_HEADER_BYTES

/** The PTS of a frame: n·1920 at 90 kHz, in 33 bits, so it wraps every 26.5 hours. */
export function ptsOfFrame(frame: number): number {
  return (frame * TICKS_PER_FRAME) % CLOCK_WRAP
}

/**
 * An MPEG-2 transport stream segment (ISO/IEC 13818-1) whose continuity counters follow on from any neighbour's, though nothing is known of it:
 * PAT, PMT and the opening title take one packet a segment and the counter k & 15; the audio takes as many packets as the rendition usually
 * needs, u, or u + 16, u + 32, …, and begins with the counter k·u & 15. (A plain multiple of 16 would do too, at twice the padding.)
 * Titles that change within the segment take 16 packets more, and so end on the same counter.
 */
export function mpegtsSegment(segment: Segment, rendition: RenditionInfo): Buffer {
  assertWhole(segment)
  const counter = segment.number & 15
  const [opening, ...changes] = segment.titles
  return Buffer.concat([
    packetise({ pid: 0, bytes: programAssociation(), counter, packets: 1 }),
    packetise({ pid: PMT_PID, bytes: programMap(), counter, packets: 1 }),
    opening ? packetise({ pid: ID3_PID, bytes: titlePes(opening), counter, packets: 1 }) : Buffer.alloc(0),
    ...titleChanges(changes, counter + 1),
    ...audio(segment, rendition),
  ])
}

function titlePes(title: Title): Buffer {
  return pes(PRIVATE_STREAM_1, ptsOfFrame(title.frame), titleTag(title, TAG_BYTES_MAX))
}

/** One packet for each change, and as many for the last one of each sixteen as make them sixteen. */
function titleChanges(changes: readonly Title[], firstCounter: number): Buffer[] {
  return changes.map((title, index) => {
    const packets = index === changes.length - 1 ? 16 - (index % 16) : 1
    return packetise({ pid: ID3_PID, bytes: titlePes(title), counter: firstCounter + index, packets })
  })
}

function audio({ number, units }: Segment, rendition: RenditionInfo): Buffer[] {
  const groups = groupForPes(units)
  const usual = usualAudioPackets(rendition)
  const needed = groups.reduce((sum, group) => sum + group.packets, 0)
  const padding = (((usual - needed) % 16) + 16) % 16
  let counter = (number % 16) * (usual % 16)
  return groups.map((group, index) => {
    const pts = ptsOfFrame(firstFrameOfSegment(number) + group.firstUnit)
    const packets = group.packets + (index === groups.length - 1 ? padding : 0)
    const clock = (pts - CLOCK_LEAD_TICKS + CLOCK_WRAP) % CLOCK_WRAP
    const bytes = pes(AUDIO_STREAM_ID, pts, adtsOfUnits(group.units, rendition.channels))
    const packed = packetise({ pid: AUDIO_PID, bytes, counter, packets, clock })
    counter += packets
    return packed
  })
}

/** Music keeps within 0.4 % of the bit rate asked for (see bitrate.ts), and each PES may leave a packet unfilled. */
function usualAudioPackets(rendition: RenditionInfo): number {
  const rawBytes = (bitrateOf(rendition).averageBitsPerSecond * SEGMENT_SECONDS * 1.004) / 8
  const pesPackets = FRAMES_PER_SEGMENT / FRAMES_PER_PES
  const bytes = rawBytes + ADTS_HEADER_BYTES * FRAMES_PER_SEGMENT + PES_HEADER_BYTES * pesPackets
  return packetsNeeded(bytes, false) + pesPackets
}

type Group = { firstUnit: number; units: Uint8Array[]; packets: number }

function groupForPes(units: readonly Uint8Array[]): Group[] {
  const groups: (Group & { bytes: number })[] = []
  for (const [index, unit] of units.entries()) {
    const bytes = unit.length + ADTS_HEADER_BYTES
    const group = groups.at(-1)
    if (!group || group.units.length === FRAMES_PER_PES || group.bytes + bytes > PES_PAYLOAD_BYTES_MAX)
      groups.push({ firstUnit: index, units: [unit], bytes, packets: 0 })
    else {
      group.units.push(unit)
      group.bytes += bytes
    }
  }
  for (const group of groups) group.packets = packetsNeeded(group.bytes + PES_HEADER_BYTES, true)
  return groups
}

/** A PES packet with a PTS and nothing else (2.4.3.6) before the payload, which begins with a whole unit. */
function pes(streamId: number, pts: number, payload: Buffer): Buffer {
  const high = Math.floor(pts / 2 ** 30)
  const middle = Math.floor(pts / 2 ** 15) % 2 ** 15
  const low = pts % 2 ** 15
  return Buffer.concat([
    Buffer.from([0, 0, 1, streamId]),
    u16(payload.length + 8),
    Buffer.from([0x84, 0x80, 5]),
    u8(0x21 | (high << 1)),
    u16((middle << 1) | 1),
    u16((low << 1) | 1),
    payload,
  ])
}
