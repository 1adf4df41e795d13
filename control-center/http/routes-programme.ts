import { msOfSample } from '../../media/timeline.ts'
import {
  AsRunDayAnswer,
  AsRunQuery,
  DryRunAnswer,
  DryRunQuery,
  HistoryAnswer,
  HistoryQuery,
  LibraryAnswer,
  NowPlayingAnswer,
  NowPlayingQuery,
  type PlannedItem,
  RundownAnswer,
  StationAnswer,
} from '../../schemas/api.ts'
import type { RundownItem } from '../../schemas/rundown.ts'
import { localDay, localTime } from '../local-time.ts'
import { history, nowPlaying } from '../now-playing/heard.ts'
import { Refusal } from '../refusal.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['programme']

/** What is planned, what plays, what played. */
export function programmeRoutes(app: App, world: World): void {
  const zone = (): string => world.station().timeZone

  app.get(
    '/api/station',
    { schema: { tags, summary: 'The station and the paths of its streams', response: { 200: StationAnswer } } },
    (): StationAnswer => {
      const { id, name, timeZone, renditions } = world.station()
      const nowMs = world.nowMs()
      return {
        id,
        name,
        timeZone,
        renditions,
        nowMs,
        localTime: localTime(nowMs, timeZone),
        paths: {
          hls: `/hls/${id}/master.m3u8`,
          dash: `/dash/${id}/manifest.mpd`,
          streams: renditions.map((rendition) => `/stream/${id}/${rendition.id}.aac`),
        },
      }
    },
  )

  app.get(
    '/api/rundown',
    { schema: { tags, summary: 'What is planned, with local times and reasons', response: { 200: RundownAnswer } } },
    (): RundownAnswer => {
      const plan = world.plan()
      if (!plan) throw new Refusal('nothing-planned', 'There is no rundown yet.')
      const { rundown, warnings } = plan
      return {
        stationId: rundown.stationId,
        version: rundown.version,
        versionAtPlayout: world.link.problem() ? null : (world.link.last()?.status.rundownVersion ?? null),
        timeZone: zone(),
        madeAtMs: rundown.madeAtMs,
        fromMs: msOfSample(rundown.fromSample),
        untilMs: msOfSample(rundown.untilSample),
        items: rundown.items.map((item) => plannedItem(item, zone())),
        reserve: rundown.reserve.map(({ title, artist }) => ({ title, artist })),
        warnings,
      }
    },
  )

  app.get(
    '/api/rundown/dry-run',
    {
      schema: {
        tags,
        summary: 'Plans some days ahead without doing anything, and says what it ran into',
        querystring: DryRunQuery,
        response: { 200: DryRunAnswer },
      },
    },
    (request): DryRunAnswer => {
      const { days } = request.query
      const { fromMs, untilMs, items, warnings } = world.dryRun(days)
      const fixed = items
        .filter(({ anchored }) => anchored)
        .map(({ startSample, title, reason }) => ({
          localStart: localTime(msOfSample(startSample), zone()),
          title,
          reason,
        }))
      return { days, fromMs, untilMs, items: items.length, warnings, fixed }
    },
  )

  app.get(
    '/api/as-run',
    {
      schema: {
        tags,
        summary: 'What really played on a day, exact to the sample',
        querystring: AsRunQuery,
        response: { 200: AsRunDayAnswer },
      },
    },
    async (request): Promise<AsRunDayAnswer> => {
      const day = request.query.day ?? localDay(world.nowMs(), zone())
      const { entries, stale } = await world.asRun.day(day).catch((error: Error) => {
        throw new Refusal('playout-unreachable', `The as-run log of ${day} can't be read: ${error.message}.`)
      })
      return {
        day,
        entries: entries.map((entry) => ({
          ...entry,
          localStart: localTime(msOfSample(entry.startSample), zone()),
        })),
        stale,
      }
    },
  )

  app.get(
    '/api/now-playing',
    {
      schema: {
        tags,
        summary: 'What a listener at a position of the stream hears, what comes next, what was before',
        querystring: NowPlayingQuery,
        response: { 200: NowPlayingAnswer },
      },
    },
    (request): NowPlayingAnswer => {
      const nowMs = world.nowMs()
      return nowPlaying(request.query.at ?? nowMs, nowMs, world.known())
    },
  )

  app.get(
    '/api/history',
    {
      schema: {
        tags,
        summary: 'What played in the last day, newest first',
        querystring: HistoryQuery,
        response: { 200: HistoryAnswer },
      },
    },
    (request): HistoryAnswer => ({ items: history(world.known(), request.query.limit), stale: world.link.problem() }),
  )

  app.get(
    '/api/library',
    {
      schema: { tags, summary: 'What can be played, and what was set aside and why', response: { 200: LibraryAnswer } },
    },
    (): LibraryAnswer => ({ entries: world.library.entries(), problems: world.library.problems() }),
  )
}

function plannedItem(item: RundownItem, timeZone: string): PlannedItem {
  const startMs = msOfSample(item.startSample)
  return {
    id: item.id,
    kind: item.kind,
    title: item.title,
    artist: item.artist,
    ...(item.show === undefined ? {} : { show: item.show }),
    startMs,
    endMs: msOfSample(item.startSample + item.lengthSamples),
    localStart: localTime(startMs, timeZone),
    startSample: item.startSample,
    lengthSamples: item.lengthSamples,
    gainDb: item.gainDb,
    anchored: item.anchored,
    reason: item.reason,
  }
}
