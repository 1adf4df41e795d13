import { cmafInit } from '../../../media/cmaf-init.ts'
import { contentTypes } from '../../../media/content-types.ts'
import { dashManifest } from '../../../media/dash.ts'
import { etagOf } from '../../../media/etag.ts'
import { packageSegment } from '../../../media/packaging.ts'
import { masterPlaylist, mediaPlaylist, type Packaging } from '../../../media/playlists.ts'
import type { RenditionInfo, StationInfo } from '../../../schemas/markers.ts'
import type { Packaged } from '../../shared/http/answers.ts'
import type { SegmentSlot } from '../store/segment-slot.ts'
import type { Window } from './decision.ts'

/** Playlists change every four seconds; what stands under a segment's name never changes. */
const CACHE = { playlist: 'max-age=1', segment: 'public, max-age=600, immutable', fixed: 'max-age=60' } as const

const segmentTypes: Readonly<Record<Packaging, string>> = {
  cmaf: contentTypes.cmaf,
  ts: contentTypes.mpegts,
  adts: contentTypes.aac,
}

/** What is asked for most are the newest few segments, in a packaging or two. */
const CACHE_BYTES_MAX = 2 * 1024 * 1024

/** Packages on demand, and keeps what was asked for last. */
export class Packages {
  private readonly segments = new Map<string, Packaged>()
  private segmentBytes = 0
  private readonly playlists = new Map<string, Packaged & { window: Window }>()
  private fixed: { station: StationInfo; bodies: Map<string, Packaged> } | null = null

  segment(rendition: RenditionInfo, packaging: Packaging, slot: SegmentSlot): Packaged {
    const key = `${rendition.id}/${slot.number}.${packaging}`
    const known = this.segments.get(key)
    if (known) {
      // A Map keeps the order of insertion: what is put back is the newest.
      this.segments.delete(key)
      this.segments.set(key, known)
      return known
    }
    const { titles, cue } = slot.marker!
    const bytes = packageSegment(packaging, { number: slot.number, units: slot.units(), titles, cue }, rendition)
    const made = packaged(bytes, segmentTypes[packaging], CACHE.segment)
    this.segments.set(key, made)
    this.segmentBytes += made.body.length
    for (const [oldest, { body }] of this.segments) {
      if (this.segmentBytes <= CACHE_BYTES_MAX) break
      this.segments.delete(oldest)
      this.segmentBytes -= body.length
    }
    return made
  }

  playlist(rendition: RenditionInfo, packaging: Packaging, window: Window): Packaged {
    const key = `${rendition.id}/${packaging}`
    const known = this.playlists.get(key)
    if (known?.window.newest === window.newest && known.window.oldest === window.oldest) return known
    const made = { ...packaged(mediaPlaylist({ packaging, ...window }), contentTypes.playlist, CACHE.playlist), window }
    this.playlists.set(key, made)
    return made
  }

  init(station: StationInfo, rendition: RenditionInfo): Packaged {
    return this.once(station, `init/${rendition.id}`, () =>
      packaged(cmafInit(rendition), contentTypes.cmaf, CACHE.fixed),
    )
  }

  master(station: StationInfo): Packaged {
    return this.once(station, 'master', () => packaged(masterPlaylist(station), contentTypes.playlist, CACHE.fixed))
  }

  dash(station: StationInfo): Packaged {
    return this.once(station, 'dash', () => packaged(dashManifest(station), contentTypes.dashManifest, CACHE.fixed))
  }

  /** Bodies that hold as long as the station is described alike. */
  private once(station: StationInfo, key: string, make: () => Packaged): Packaged {
    if (this.fixed?.station !== station) this.fixed = { station, bodies: new Map() }
    const known = this.fixed.bodies.get(key)
    if (known) return known
    const made = make()
    this.fixed.bodies.set(key, made)
    return made
  }
}

function packaged(content: Buffer | string, contentType: string, cacheControl: string): Packaged {
  const body = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  return { body, etag: etagOf(body), contentType, cacheControl }
}
