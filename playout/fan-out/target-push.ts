import { aacFrameBody, aacSequenceHeaderBody } from '../../media/flv-audio.ts'
import type { AmfObject } from '../../media/rtmp/amf0.ts'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  rtmpMsOfFrames,
  SAMPLE_RATE,
  segmentOfFrame,
} from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { openRtmpPublisher, type RtmpPublisher } from '../../platform/rtmp/publisher.ts'
import {
  MARKER_NAME,
  type Marker,
  PACKAGING_VERSION,
  type RenditionInfo,
  type StationInfo,
} from '../../schemas/markers.ts'
import type { PushTarget, TargetStatus } from '../../schemas/playout.ts'
import { limits } from '../limits.ts'
import type { Spool } from '../spool/spool.ts'

export type TargetPushOptions = {
  target: PushTarget
  rendition: RenditionInfo
  station: StationInfo
  spool: Spool
  generation: number
  firstAvailableFrame: number
  /** The AudioSpecificConfig of the rendition. */
  audioConfig: Buffer
  clock: Clock
  log: Logger
}

/**
 * One rendition to one target: a cursor into the row of frames. A target that takes nothing keeps its cursor, and no more than its
 * socket's 64 KiB; when it is too far behind it skips to the newest segment, and what it missed is counted. Others never notice.
 */
export class TargetPush {
  private readonly options: TargetPushOptions
  private publisher: RtmpPublisher | null = null
  private baseFrame = 0
  private cursor = 0
  private attempts = 0
  private openedMs = Number.POSITIVE_INFINITY
  private cancelRetry: () => void = () => {}
  private closed = false
  private reason = 'not yet connected'
  private framesSent = 0
  private framesDropped = 0

  constructor(options: TargetPushOptions) {
    this.options = options
    this.connect()
  }

  /** There may be newer frames than the cursor's. */
  pump(): void {
    const { publisher } = this
    const newest = this.options.spool.newestFrame
    if (publisher?.state !== 'publishing' || newest === null) return
    if (newest - this.cursor > limits.targetBehindFramesMax) this.skipTo(this.newestSegmentStart(newest))
    while (this.cursor <= newest && publisher.queuedBytes < limits.targetQueueBytes) this.send(publisher)
  }

  status(): TargetStatus {
    return {
      id: this.options.target.id,
      rendition: this.options.rendition.id,
      state:
        this.publisher?.state === 'publishing'
          ? 'publishing'
          : this.publisher?.state === 'connecting'
            ? 'connecting'
            : 'waiting',
      reason: this.reason,
      queuedBytes: this.publisher?.queuedBytes ?? 0,
      framesSent: this.framesSent,
      framesDropped: this.framesDropped,
    }
  }

  close(): void {
    this.closed = true
    this.cancelRetry()
    void this.publisher?.close()
    this.publisher = null
  }

  private connect(): void {
    if (this.closed) return
    const { target, rendition, clock, log } = this.options
    const stream =
      target.pushKey === null ? (target.streamName ?? rendition.id) : `${rendition.id}?key=${target.pushKey}`
    let publisher: RtmpPublisher
    try {
      publisher = openRtmpPublisher({ url: target.url, stream, clock, log })
    } catch (error) {
      // One address that makes no sense must not end the air of all others; another list brings another address.
      this.reason = `the address ${target.url} can't be used: ${(error as Error).message}`
      log.error({ target: target.id, rendition: rendition.id }, this.reason)
      return
    }
    this.publisher = publisher
    publisher.ready.then(
      () => this.opened(publisher),
      () => {},
    )
    publisher.closed.then(
      (reason) => this.lost(publisher, reason),
      (error: Error) => this.lost(publisher, error.message),
    )
  }

  /** A publication begins at the beginning of the newest segment, so that the node gets that one whole. */
  private opened(publisher: RtmpPublisher): void {
    if (publisher !== this.publisher) return
    const { target, spool, rendition, station, generation, audioConfig, clock } = this.options
    this.openedMs = clock.monotonicMs()
    this.reason = 'publishing'
    const newest = spool.newestFrame
    this.cursor = newest === null ? this.options.firstAvailableFrame : this.newestSegmentStart(newest)
    this.baseFrame = this.cursor
    this.mark(publisher, {
      marker: 'start',
      packaging: PACKAGING_VERSION,
      generation,
      station,
      rendition: rendition.id,
      frame: this.baseFrame,
      firstAvailableFrame: this.options.firstAvailableFrame,
    })
    if (target.pushKey === null) publisher.data(0, 'onMetaData', [metadataOf(rendition, station)])
    publisher.audio(0, aacSequenceHeaderBody(audioConfig))
    this.pump()
  }

  private lost(publisher: RtmpPublisher, reason: string): void {
    if (publisher !== this.publisher || this.closed) return
    this.publisher = null
    this.reason = reason
    const delays = limits.targetRetryMs
    // Whoever consents and then hangs up, again and again, is asked less often, too.
    const { openedMs } = this
    this.openedMs = Number.POSITIVE_INFINITY
    if (this.options.clock.monotonicMs() - openedMs > limits.targetSteadyMs) this.attempts = 0
    const delayMs = delays[Math.min(this.attempts++, delays.length - 1)]!
    if (this.attempts === 1)
      this.options.log.warn(
        { target: this.options.target.id, rendition: this.options.rendition.id, reason },
        'push lost; it is tried again',
      )
    this.cancelRetry = this.options.clock.after(delayMs, () => this.connect())
  }

  private send(publisher: RtmpPublisher): void {
    const { spool } = this.options
    const frame = this.cursor++
    const unit = spool.unit(frame)
    if (!unit || !publisher.audio(rtmpMsOfFrames(frame - this.baseFrame), aacFrameBody(unit))) this.framesDropped += 1
    else this.framesSent += 1
    if ((frame + 1) % FRAMES_PER_SEGMENT !== 0) return
    const marker = spool.marker(segmentOfFrame(frame))
    if (marker) this.mark(publisher, marker)
  }

  private mark(publisher: RtmpPublisher, marker: Marker): void {
    if (this.options.target.pushKey === null) return
    publisher.data(rtmpMsOfFrames(this.cursor - this.baseFrame), MARKER_NAME, [JSON.stringify(marker)])
  }

  private skipTo(frame: number): void {
    this.framesDropped += frame - this.cursor
    this.cursor = frame
  }

  private newestSegmentStart(newest: number): number {
    return Math.max(this.options.firstAvailableFrame, firstFrameOfSegment(segmentOfFrame(newest)))
  }
}

/** What foreign servers and players want to know first (FLV specification 10.1, annex E.5). */
const metadataOf = (rendition: RenditionInfo, station: StationInfo): AmfObject => ({
  title: station.name,
  audiocodecid: 10,
  audiodatarate: rendition.bitrateKbps,
  audiosamplerate: SAMPLE_RATE,
  audiosamplesize: 16,
  stereo: rendition.channels === 2,
  encoder: 'Airtight',
})
