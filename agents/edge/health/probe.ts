import { createHash } from 'node:crypto'
import { etagOf } from '../../../media/etag.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Answered, HttpClient } from '../../../platform/http-client.ts'
import { AGENT_USER_AGENT } from '../nginx/configuration.ts'
import type { Origin } from '../origins.ts'
import { framesSha256 } from './frames-hash.ts'
import type { Observation, ProbeResult, SegmentSeen } from './observation.ts'
import { readPlaylist } from './playlist.ts'

const PLAYLIST_TIME_MAX_MS = 1_000
/** A listener's segment lasts 4 s: an origin on the same network that needs half of that is dripping. */
const SEGMENT_TIME_MAX_MS = 2_000
const BYTES_MAX = 2 * 1024 * 1024

/**
 * Asks a slicer for what listeners need: the playlist of each rendition, and the newest segment when it is new.
 * Never rejects: whatever goes wrong is the result, in a sentence.
 */
export async function probe(
  origin: Origin,
  station: { id: string; renditions: readonly string[] },
  before: Observation,
  http: HttpClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const startedAtMs = clock.monotonicMs()
  const findings = await Promise.all(
    station.renditions.map((rendition) => probeRendition(origin, station.id, rendition, before, http, signal)),
  )
  return {
    startedAtMs,
    endedAtMs: clock.monotonicMs(),
    failure: findings.find((finding) => finding.failure !== null)?.failure ?? null,
    newestSegment: Object.fromEntries(
      findings.flatMap(({ rendition, newestSegment }) => (newestSegment === null ? [] : [[rendition, newestSegment]])),
    ),
    segments: findings.flatMap(({ segment }) => (segment === null ? [] : [segment])),
  }
}

type Finding = {
  rendition: string
  failure: string | null
  newestSegment: number | null
  segment: SegmentSeen | null
}

async function probeRendition(
  origin: Origin,
  stationId: string,
  rendition: string,
  before: Observation,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Finding> {
  const folder = `${origin.url}/hls/${stationId}/${rendition}`
  const finding: Finding = { rendition, failure: null, newestSegment: null, segment: null }
  const headers = { 'user-agent': AGENT_USER_AGENT }
  try {
    const playlist = await http.ask({
      url: `${folder}/index.m3u8`,
      headers,
      timeoutMs: PLAYLIST_TIME_MAX_MS,
      bytesMax: BYTES_MAX,
      signal,
    })
    const head = playlist.status === 200 ? readPlaylist(playlist.body.toString('utf8')) : null
    const fault = faultOf(playlist) ?? (head === null ? 'is not a playlist with segments' : null)
    if (head === null || fault !== null) return { ...finding, failure: `its playlist ${rendition} ${fault}` }
    finding.newestSegment = head.newestSegment
    const isKnown = before.segments.some((seen) => seen.rendition === rendition && seen.segment === head.newestSegment)
    if (isKnown) return finding
    const segment = await http.ask({
      url: `${folder}/${head.newestSegment}.m4s`,
      headers,
      timeoutMs: SEGMENT_TIME_MAX_MS,
      bytesMax: BYTES_MAX,
      signal,
    })
    const segmentFault = faultOf(segment)
    if (segmentFault !== null)
      return { ...finding, failure: `its listed segment ${rendition}/${head.newestSegment} ${segmentFault}` }
    finding.segment = {
      rendition,
      segment: head.newestSegment,
      sha256: sha256(segment.body),
      framesSha256: framesSha256(segment.body),
    }
    return finding
  } catch (error) {
    return { ...finding, failure: `its ${rendition} can't be fetched: ${(error as Error).message}` }
  }
}

/** What is wrong with an answer in itself; null when nothing is. A strong ETag of a body is its SHA-256 on every slicer. */
function faultOf(answer: Answered): string | null {
  if (answer.status !== 200) return `is answered with ${answer.status}`
  const { etag } = answer.headers
  if (etag !== undefined && !etag.startsWith('W/') && etag !== etagOf(answer.body)) return 'does not match its own ETag'
  return null
}

const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex')
