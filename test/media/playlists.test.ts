import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dashManifest } from '../../media/dash.ts'
import { parseMasterPlaylist, parseMediaPlaylist } from '../../media/parse-playlist.ts'
import { masterPlaylist, mediaPlaylist, programDateTime } from '../../media/playlists.ts'
import { msOfSegment, SEGMENT_SECONDS } from '../../media/timeline.ts'
import { station } from './real-frames.ts'

describe('a media playlist', () => {
  it('lists two CMAF segments like this', () => {
    expect(mediaPlaylist({ packaging: 'cmaf', oldest: 447_600_000, newest: 447_600_001 })).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:447600000
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T11:33:20.000Z
#EXTINF:4.010667,
447600000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T11:33:24.011Z
#EXTINF:4.010667,
447600001.m4s
`)
  })

  it('lists one transport or packed audio segment like this', () => {
    const rest = (name: string): string => `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z
#EXTINF:4.010667,
${name}
`
    expect(mediaPlaylist({ packaging: 'ts', oldest: 0, newest: 0 })).toBe(rest('0.ts'))
    expect(mediaPlaylist({ packaging: 'adts', oldest: 0, newest: 0 })).toBe(rest('0.aac'))
  })

  it('reads back as the segments it was made of, their dates within half a millisecond, at any time', () => {
    const anyWindow = fc.tuple(fc.integer({ min: 0, max: 2 ** 35 }), fc.integer({ min: 0, max: 40 }))
    fc.assert(
      fc.property(anyWindow, fc.constantFrom('cmaf', 'ts', 'adts'), ([oldest, more], packaging) => {
        const playlist = parseMediaPlaylist(mediaPlaylist({ packaging, oldest, newest: oldest + more }))
        expect(playlist).toMatchObject({
          mediaSequence: oldest,
          targetDurationSeconds: 4,
          ended: false,
          independentSegments: true,
        })
        expect(playlist.segments.map(({ sequence }) => sequence - oldest)).toEqual([...Array(more + 1).keys()])
        for (const { sequence, uri, programDateTimeMs, ...rest } of playlist.segments) {
          expect(Number.parseInt(uri, 10)).toBe(sequence)
          expect(Math.abs(programDateTimeMs! - msOfSegment(sequence))).toBeLessThanOrEqual(0.5)
          const map = packaging === 'cmaf' ? 'init.mp4' : null
          expect(rest).toEqual({ durationSeconds: 4.010667, discontinuity: false, gap: false, map })
        }
      }),
    )
  })

  it('says instants that never go astray: each is the last one and a segment, give or take a millisecond', () => {
    for (let segment = 447_600_000; segment < 447_602_000; segment += 1) {
      const step = Date.parse(programDateTime(segment + 1)) - Date.parse(programDateTime(segment))
      expect(Math.abs(step - SEGMENT_SECONDS * 1000)).toBeLessThan(1)
    }
  })

  it('is never empty', () => {
    expect(() => mediaPlaylist({ packaging: 'ts', oldest: 5, newest: 4 })).toThrow('no playlist from segment 5 to 4')
  })
})

describe('a playlist of somebody else', () => {
  it('is read with what it says once: dates, discontinuities, gaps, maps, the end', () => {
    const playlist = parseMediaPlaylist(
      [
        '#EXTM3U',
        '#EXT-X-TARGETDURATION:10',
        '#EXT-X-DISCONTINUITY-SEQUENCE:3',
        '# a comment',
        '#EXT-X-MAP:URI="a,b.mp4",BYTERANGE="720@0"',
        '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T01:00:00.5+01:00',
        '#EXTINF:9.5,Name, with comma',
        'a.m4s?token=1',
        '#EXT-X-DISCONTINUITY',
        '#EXTINF:10',
        'b.m4s',
        '#EXT-X-GAP',
        '#EXTINF:10,',
        'c.m4s',
        '#EXT-X-ENDLIST',
      ].join('\r\n'),
    )
    const start = Date.UTC(2026, 0, 1) + 500
    expect(playlist).toMatchObject({ version: 1, mediaSequence: 0, discontinuitySequence: 3, ended: true })
    expect(playlist.segments.map(({ programDateTimeMs }) => programDateTimeMs! - start)).toEqual([0, 9500, 19_500])
    expect(playlist.segments.map(({ discontinuity, gap }) => [discontinuity, gap])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ])
    expect(playlist.segments[0]).toMatchObject({ uri: 'a.m4s?token=1', map: 'a,b.mp4' })
  })

  it.each([
    ['<html>', 'must begin with #EXTM3U'],
    ['#EXTM3U\n#EXTINF:4,\na.ts', 'no EXT-X-TARGETDURATION'],
    ['#EXTM3U\n#EXT-X-TARGETDURATION:4\na.ts', 'line 3: a segment without EXTINF'],
    ['#EXTM3U\n#EXT-X-TARGETDURATION:four', "line 2: 'four' is not a whole number"],
    ['#EXTM3U\n#EXTINF:-1,\na.ts', "line 2: '-1' is not a duration"],
    ['#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:noon', "line 2: 'noon' is not a date and time"],
    ['#EXTM3U\n#EXT-X-MAP:URI=', "line 2: 'URI=' is not an attribute list"],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na', 'this is a master playlist'],
  ])('is refused with the reason: %j', (text, reason) => {
    expect(() => parseMediaPlaylist(text)).toThrow(reason)
  })
})

describe('the master playlist', () => {
  it('lists the renditions, best first, by their CMAF playlists', () => {
    expect(masterPlaylist(station)).toMatch(
      /^#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:/,
    )
    const variants = parseMasterPlaylist(masterPlaylist(station))
    expect(variants.map(({ uri, codecs }) => [uri, codecs])).toEqual([
      ['high/index.m3u8', 'mp4a.40.2'],
      ['low/index.m3u8', 'mp4a.40.2'],
    ])
    for (const { bandwidth, averageBandwidth } of variants) expect(bandwidth).toBeGreaterThan(averageBandwidth!)
  })

  it.each([
    ['#EXTM3U\n', 'no variant'],
    ['#EXTM3U\na.m3u8', 'line 2: a URI without EXT-X-STREAM-INF'],
    ['#EXTM3U\n#EXT-X-STREAM-INF:CODECS="mp4a"\na.m3u8', "line 3: '' is not a whole number"],
    ['#EXTM3U\n#EXTINF:4,\na.ts', 'this is a media playlist'],
  ])('of somebody else is refused with the reason: %j', (text, reason) => {
    expect(() => parseMasterPlaylist(text)).toThrow(reason)
  })
})

describe('the DASH manifest', () => {
  const manifest = dashManifest(station)

  it('lets a player find the segment of an instant by arithmetic alone', () => {
    const number = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(manifest)![1])
    const start = Date.parse(/availabilityStartTime="([^"]+)"/.exec(manifest)![1]!)
    const seconds = number('duration') / number('timescale')
    const newestAt = (ms: number): number => Math.floor((ms - start) / 1000 / seconds) - 1 + number('startNumber')
    const k = 447_600_000
    // Asked for four seconds after its end, by when it is listed even after a restart of playout; and not before.
    expect(newestAt(msOfSegment(k + 1) + 4001)).toBe(k)
    expect(newestAt(msOfSegment(k + 1) + 3999)).toBe(k - 1)
  })

  it('leads to the same segments as HLS, on whatever host it lies', () => {
    const template = /media="([^"]+)"/.exec(manifest)![1]!
    const path = template.replace('$RepresentationID$', 'high').replace('$Number$', '5')
    expect(new URL(path, 'https://any.example/dash/demo/manifest.mpd').pathname).toBe('/hls/demo/high/5.m4s')
    expect(manifest.match(/https?:[^"]*/g)!.every((uri) => /schemas?|aomedia/.test(uri))).toBe(true)
  })

  it('says the channels of each representation, and the name in XML', () => {
    const representation = /<Representation id="(\w+)".*audio_channel_configuration:2011" value="(\d)"/g
    expect([...manifest.matchAll(representation)].map(([, id, channels]) => [id, channels])).toEqual([
      ['high', '2'],
      ['low', '1'],
    ])
    expect(manifest).toContain('<Title>Demo &amp; &lt;Friends&gt;</Title>')
  })
})
