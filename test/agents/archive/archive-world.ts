import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Archive, startArchive } from '../../../agents/archive/archive.ts'
import { encodeFrameBundle, FRAMES_PER_BUNDLE_MAX, hashOfUnits } from '../../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { archiveKeyOf } from '../../../platform/credentials.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import type { LiveSession, LiveStatus } from '../../../schemas/live.ts'
import type { SegmentMarker } from '../../../schemas/markers.ts'
import type { ArchiveBriefing, Heartbeat, NodeBriefing, Peer } from '../../../schemas/nodes.ts'
import type { Recording } from '../../../schemas/recordings.ts'
import { encodeUnits, high, low, MUSIC, station, titleAt } from '../../media/real-frames.ts'

/** A segment of the year 2026, and how many of them are real sound. */
export const FIRST_SEGMENT = 447_600_000
export const FIRST_FRAME = firstFrameOfSegment(FIRST_SEGMENT)
const SECONDS = 16
const CREDENTIAL = 'credential-of-the-archive'

let encoded: Record<string, Buffer[]> | null = null
/** The station's sound, encoded once for all tests of a file. Later segments begin it anew. */
const soundOf = (rendition: string): Buffer[] => {
  encoded ??= { high: encodeUnits(MUSIC, SECONDS, high), low: encodeUnits(MUSIC, SECONDS / 2, low) }
  return encoded[rendition]!
}
/** Before all tests of a file: encoding takes its time on a busy machine. */
export const prepareSound = (): void => void soundOf('high')
export const unitOf = (rendition: string, frame: number): Buffer => {
  const sound = soundOf(rendition)
  return sound[(frame - FIRST_FRAME) % sound.length]!
}
export const unitsOf = (rendition: string, from: number, until: number): Buffer[] =>
  Array.from({ length: until - from }, (_, index) => unitOf(rendition, from + index))

export function markerOf(rendition: string, segment: number): SegmentMarker {
  const firstFrame = firstFrameOfSegment(segment)
  const sha256 = hashOfUnits(unitsOf(rendition, firstFrame, firstFrame + FRAMES_PER_SEGMENT))
  const titles = [titleAt(firstFrame, `Tune ${segment}`, 'The Larks'), titleAt(firstFrame + 90, 'Bridge')]
  return { marker: 'segment', generation: 1, rendition, segment, firstFrame, sha256, cue: 'programme', titles }
}

/** Someone who has frames, over real HTTP: playout (with live sessions), or a slicer. */
export async function startFrameServer() {
  const state = {
    firstAvailableFrame: FIRST_FRAME,
    newestFrame: FIRST_FRAME - 1,
    sessions: [] as LiveSession[],
    hasLive: true,
    /** Frames that it does not have, or has wrong. */
    lacks: (_frame: number): boolean => false,
    spoils: (_frame: number): boolean => false,
    framesAsked: 0,
  }
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://frames')
    if (!request.headers.authorization?.startsWith('Bearer archive-1.')) return response.writeHead(401).end()
    if (url.pathname === '/live') {
      if (!state.hasLive) return response.writeHead(404).end()
      return response.end(JSON.stringify(liveStatusOf(state.sessions, state.newestFrame)))
    }
    if (url.pathname === '/frames/newest') {
      const { firstAvailableFrame, newestFrame } = state
      return response.end(
        JSON.stringify({ generation: 1, newestFrame: { high: newestFrame, low: newestFrame }, firstAvailableFrame }),
      )
    }
    state.framesAsked += 1
    const rendition = url.pathname.slice('/frames/'.length)
    const from = Math.max(Number(url.searchParams.get('from')), state.firstAvailableFrame)
    const to = Math.min(Number(url.searchParams.get('to')), from + FRAMES_PER_BUNDLE_MAX, state.newestFrame + 1)
    const numbers = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
    const held = numbers.filter((frame) => !state.lacks(frame))
    const sealed = [...new Set(held.map(segmentOfFrame))].filter(
      (segment) => firstFrameOfSegment(segment + 1) <= state.newestFrame + 1,
    )
    const frames = held.map((frame) => ({
      frame,
      unit: state.spoils(frame) ? Buffer.from([1, 2, 3]) : unitOf(rendition, frame),
    }))
    return response.end(encodeFrameBundle({ frames, markers: sealed.map((segment) => markerOf(rendition, segment)) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** So many whole segments are there, and enough after them that they are listed. */
    hasSegments(count: number) {
      state.newestFrame = firstFrameOfSegment(FIRST_SEGMENT + count) + 30
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function liveStatusOf(sessions: LiveSession[], newestFrame: number): LiveStatus {
  const none = { p50: 0, p99: 0, worst: 0 }
  return {
    revision: 1,
    generation: 1,
    nowMs: newestFrame * (64 / 3),
    planVersion: 1,
    onAirSessionId: null,
    hold: false,
    sessions,
    handoffs: [],
    figures: { count: 0, gapMs: none, overlapMs: none, clickToAirMs: none },
    ingests: [],
  }
}

/** A session as playout tells of it; its span in frames of the timeline, with some samples to spare. */
export function sessionOf(
  id: string,
  anchorName: string,
  fromFrame: number | null,
  untilFrame: number | null = null,
): LiveSession {
  const fromSample = fromFrame === null ? null : fromFrame * 1024 + 100
  const untilSample = untilFrame === null ? null : untilFrame * 1024 - 100
  const ms = (sample: number | null): number | null => sample && sample / 48
  return {
    id,
    keyId: `key-${id}`,
    anchorId: anchorName.slice(0, 3).toLowerCase(),
    anchorName,
    kind: 'anchor',
    source: 'rtmp',
    ingest: 'ingest-1',
    title: '',
    state: untilFrame === null ? (fromFrame === null ? 'ready' : 'on-air') : 'ended',
    reason: '',
    stateSinceMs: 0,
    onAirFromMs: ms(fromSample),
    onAirUntilMs: ms(untilSample),
    onAirFromSample: fromSample,
    onAirUntilSample: untilSample,
    covered: null,
    pending: null,
    talkOver: false,
    sender: {
      connected: true,
      depthMs: 600,
      levelDbfs: -20,
      peakDbfs: -12,
      heardAgoMs: 0,
      format: 'AAC-LC',
      driftPpm: 0,
      losses: 0,
      problems: [],
    },
    notes: [],
  }
}

export type ArchiveWorld = Awaited<ReturnType<typeof createArchiveWorld>>

/** A playout, a slicer, a control center and a folder; an archive among them, which may die and come back. */
export async function createArchiveWorld(settings: Partial<ArchiveBriefing> = {}, root?: string) {
  prepareSound()
  const playout = await startFrameServer()
  const slicer = await startFrameServer()
  const folder = mkdtempSync(join(root ?? tmpdir(), 'airtight-archive-'))
  const archiveBriefing: ArchiveBriefing = {
    days: 7,
    recordingDays: null,
    minFreeBytes: 0,
    automatic: true,
    publicUrl: 'https://radio.example',
    ...settings,
  }
  const peers: Peer[] = [{ id: 'slicer-1', role: 'slicer', url: slicer.url, credentialSha256: '' }]
  let lastHeartbeat: Heartbeat | null = null
  const briefing = (): NodeBriefing => ({
    station,
    playoutUrl: playout.url,
    peers,
    serving: [],
    heartbeatMs: 100,
    archive: archiveBriefing,
  })
  const control = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    if (request.url?.endsWith('/heartbeat')) {
      lastHeartbeat = JSON.parse(text) as Heartbeat
      return response.end(JSON.stringify(briefing()))
    }
    const registered = { id: 'archive-1', generation: 1, credential: CREDENTIAL, briefing: briefing() }
    return response.end(JSON.stringify(registered))
  })
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))

  let archive: Archive | null = null
  let skippedMs = 0
  const world = {
    playout,
    slicer,
    folder,
    briefing: archiveBriefing,
    /** What the archive takes for passing time, besides that which passes. */
    skip(ms: number) {
      skippedMs += ms
    },
    lastHeartbeat: () => lastHeartbeat,
    async start() {
      archive = await startArchive({
        controlUrl: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
        joinToken: 'join-token-of-the-test',
        folder,
        id: 'archive-1',
        host: '127.0.0.1',
        address: '127.0.0.1',
        httpPort: 0,
        softwareVersion: '0.0.0',
        pace: { roundMs: 50, housekeepingMs: 50 },
        clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + skippedMs },
        processes: systemProcesses,
        random: () => 0.5,
        log: pino({ level: process.env.AIRTIGHT_LOG_LEVEL ?? 'silent' }),
      })
    },
    async kill() {
      await archive?.stop(false)
      archive = null
    },
    get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${archive!.port}${path}`, init),
    /** As the control center asks. */
    manage: (path: string, method = 'GET', body?: unknown, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${archive!.port}/recordings${path}`, {
        method,
        headers: { authorization: `Bearer ${archiveKeyOf(CREDENTIAL)}`, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async recordings(): Promise<Recording[]> {
      return ((await (await world.manage('')).json()) as { recordings: Recording[] }).recordings
    },
    async status(): Promise<{ missing: number; oldestMs: number | null; newestMs: number | null; airBytes: number }> {
      return (await world.get('/status')).json() as never
    },
    async end() {
      await world.kill()
      await Promise.all([playout.stop(), slicer.stop()])
      control.closeAllConnections()
      await new Promise((resolve) => control.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}
