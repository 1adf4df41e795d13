/**
 * The station's timeline: one endless row of AAC-LC frames, numbered from the Unix epoch.
 *
 * Frame n is the access unit whose decoded output is the samples [1024·n, 1024·(n+1)) at 48 kHz, sample 0 being
 * 1970-01-01T00:00:00Z. Segment k is the frames [188·k, 188·(k+1)); k is the HLS media sequence number.
 * Everything here is integer arithmetic below 2^53: sample numbers stay exact for the next 5,900 years.
 */
export const SAMPLE_RATE = 48_000
export const FRAME_SAMPLES = 1024
export const FRAMES_PER_SEGMENT = 188
export const SEGMENT_SAMPLES = FRAMES_PER_SEGMENT * FRAME_SAMPLES
export const SEGMENT_SECONDS = SEGMENT_SAMPLES / SAMPLE_RATE
/** EXT-X-TARGETDURATION: the segment duration rounded to the nearest second (RFC 8216bis, 4.4.3.1). */
export const TARGET_DURATION_SECONDS = 4
/** A segment is listed this long after its last sample, by the push's own clock: 24 frames are 512 ms. */
export const LISTING_DELAY_FRAMES = 24
export const FRAME_MS = (FRAME_SAMPLES * 1000) / SAMPLE_RATE

/** The sample that sounds at an instant (milliseconds since the epoch), rounded down. */
export const sampleAtMs = (ms: number): number => Math.floor(ms * (SAMPLE_RATE / 1000))
/** The instant of a sample, in milliseconds since the epoch (may be fractional). */
export const msOfSample = (sample: number): number => sample / (SAMPLE_RATE / 1000)
/** The frame that holds a sample. */
export const frameOfSample = (sample: number): number => Math.floor(sample / FRAME_SAMPLES)
/** The first sample of a frame. */
export const sampleOfFrame = (frame: number): number => frame * FRAME_SAMPLES
/** The instant of a frame's first sample, in milliseconds since the epoch (may be fractional). */
export const msOfFrame = (frame: number): number => msOfSample(sampleOfFrame(frame))
/** The frame that sounds at an instant in milliseconds since the epoch. */
export const frameAtMs = (ms: number): number => frameOfSample(sampleAtMs(ms))
/** The segment that holds a frame. */
export const segmentOfFrame = (frame: number): number => Math.floor(frame / FRAMES_PER_SEGMENT)
/** The first frame of a segment. */
export const firstFrameOfSegment = (segment: number): number => segment * FRAMES_PER_SEGMENT
/** The instant of a segment's first sample (its EXT-X-PROGRAM-DATE-TIME), in milliseconds since the epoch. */
export const msOfSegment = (segment: number): number => msOfFrame(firstFrameOfSegment(segment))

/** A span of frames in whole milliseconds, as RTMP timestamps count; see {@link framesOfRtmpMs}. */
export const rtmpMsOfFrames = (frames: number): number => Math.round(frames * FRAME_MS)
/** How many frames a span of RTMP milliseconds stands for: exact for any span, since rounding moves less than half a frame. */
export const framesOfRtmpMs = (ms: number): number => Math.round((ms * (SAMPLE_RATE / 1000)) / FRAME_SAMPLES)

/** The newest segment that may be listed once a frame has arrived, by the push's own clock. */
export const newestListableSegment = (newestFrame: number): number =>
  segmentOfFrame(newestFrame + 1 - LISTING_DELAY_FRAMES) - 1
