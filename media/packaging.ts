import type { RenditionInfo } from '../schemas/markers.ts'
import { cmafSegment } from './cmaf.ts'
import { mpegtsSegment } from './mpegts.ts'
import { packedAudioSegment } from './packed-audio.ts'
import type { Packaging } from './playlists.ts'
import type { Segment } from './segment.ts'

/** A segment's bytes in a packaging. Throws an Error when the segment is not whole. */
export function packageSegment(packaging: Packaging, segment: Segment, rendition: RenditionInfo): Buffer {
  switch (packaging) {
    case 'cmaf':
      return cmafSegment(segment)
    case 'ts':
      return mpegtsSegment(segment, rendition)
    case 'adts':
      return packedAudioSegment(segment, rendition)
  }
}
