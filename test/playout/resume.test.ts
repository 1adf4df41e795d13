import { describe, expect, it } from 'vitest'
import { firstFrameOfSegment, frameAtMs, segmentOfFrame } from '../../media/timeline.ts'
import { judgeStart, type ResumeInputs, resumeAt } from '../../playout/state/resume.ts'

const nowFrame = frameAtMs(Date.UTC(2026, 10, 20, 12))
const nowSegment = segmentOfFrame(nowFrame)
const inputs = (change: Partial<ResumeInputs>): ResumeInputs => ({
  spooled: { high: nowFrame - 100, low: nowFrame - 101 },
  reported: {},
  renditions: ['high', 'low'],
  firstAvailableFrame: firstFrameOfSegment(nowSegment - 40),
  mixedFrame: nowFrame - 90,
  nowFrame,
  windowSegments: 15,
  ...change,
})

describe('where a starting playout goes on', () => {
  it('after two seconds of death: at the next frame of each rendition, nothing lost', () => {
    const resume = resumeAt(inputs({}))
    expect(resume.firstFrames).toEqual({ high: nowFrame - 99, low: nowFrame - 100 })
    expect(resume.framesLost).toBe(0)
    expect(resume.firstAvailableFrame).toBe(firstFrameOfSegment(nowSegment - 40))
  })

  it('at its first start ever: a window before now, at the beginning of a segment, so that a listener finds a full playlist', () => {
    const resume = resumeAt(inputs({ spooled: { high: null, low: null }, firstAvailableFrame: null, mixedFrame: null }))
    expect(resume.firstFrames).toEqual({
      high: firstFrameOfSegment(nowSegment - 16),
      low: firstFrameOfSegment(nowSegment - 16),
    })
    expect(resume.firstAvailableFrame).toBe(firstFrameOfSegment(nowSegment - 16))
    expect(resume.framesLost).toBe(0)
  })

  it('after a death longer than the window: a window before now, and the frames between are counted as lost', () => {
    const dead = nowFrame - 60 * 188
    const resume = resumeAt(inputs({ spooled: { high: dead, low: dead } }))
    expect(resume.firstAvailableFrame).toBe(firstFrameOfSegment(nowSegment - 16))
    expect(resume.framesLost).toBe(resume.firstAvailableFrame - dead - 1)
  })

  it('when the slicers have more than the spool: behind the segment that they have, never a second version of a number', () => {
    const resume = resumeAt(inputs({ reported: { high: nowFrame - 10, low: nowFrame - 10 } }))
    expect(resume.firstFrames.high).toBe(firstFrameOfSegment(segmentOfFrame(nowFrame - 10) + 1))
    expect(resume.firstFrames.high).toBe(resume.firstFrames.low)
  })

  it('with a rendition that is new: that one begins a window before now, the others go on, and no playlist is emptied', () => {
    const windowStart = firstFrameOfSegment(nowSegment - 16)
    const renditions = ['high', 'low', 'mid']
    const resume = resumeAt(inputs({ renditions }))
    expect(resume.firstFrames).toEqual({ high: nowFrame - 99, low: nowFrame - 100, mid: windowStart })
    expect(resume.firstAvailableFrame).toBe(windowStart)
    expect(resume.framesLost).toBe(0)
    const wasAway = resumeAt(inputs({ renditions, spooled: { high: nowFrame - 100, low: nowFrame - 101, mid: 5 } }))
    expect(wasAway.firstFrames).toEqual(resume.firstFrames)
  })

  it('when one rendition is behind the others: each goes on at its own next number', () => {
    const low = nowFrame - 400
    expect(resumeAt(inputs({ spooled: { high: nowFrame - 100, low } })).firstFrames.low).toBe(low + 1)
  })

  it('when the spool is lost and no slicer answers: behind what the mixer had made', () => {
    const resume = resumeAt(inputs({ spooled: { high: null, low: null } }))
    expect(resume.firstFrames.high).toBe(firstFrameOfSegment(segmentOfFrame(nowFrame - 90) + 1))
  })

  it('when the clock stands before what is already out: still at the next number', () => {
    const ahead = nowFrame + 1_000
    expect(resumeAt(inputs({ spooled: { high: ahead, low: ahead } })).firstFrames).toEqual({
      high: ahead + 1,
      low: ahead + 1,
    })
  })
})

describe('a start after a crash', () => {
  const now = 1_000_000
  it('goes on with the same item the first time', () => {
    expect(judgeStart({ startedAtMs: [now - 5_000], emergencyOnlyUntilMs: 0 }, now).skipOnAir).toBe(false)
  })
  it('skips the item on air after two crashes within a minute', () => {
    const verdict = judgeStart({ startedAtMs: [now - 50_000, now - 5_000], emergencyOnlyUntilMs: 0 }, now)
    expect(verdict).toMatchObject({ skipOnAir: true, emergencyOnlyUntilMs: 0 })
  })
  it('leaves only the emergency file after four, for five minutes', () => {
    const verdict = judgeStart(
      { startedAtMs: [now - 40_000, now - 30_000, now - 20_000, now - 5_000], emergencyOnlyUntilMs: 0 },
      now,
    )
    expect(verdict.emergencyOnlyUntilMs).toBe(now + 300_000)
    expect(verdict.reason).toContain('only the emergency file')
  })
  it('forgets what is older than a minute', () => {
    expect(judgeStart({ startedAtMs: [now - 90_000, now - 61_000], emergencyOnlyUntilMs: 0 }, now).skipOnAir).toBe(
      false,
    )
  })
})
