import { describe, expect, it } from 'vitest'
import {
  fetchOptionsFor,
  fetchScript,
  formatInLine,
  icyTitleInLine,
  withoutSecrets,
} from '../../../../agents/ingest/relay/fetch-script.ts'
import { relaysAt } from '../../../../agents/ingest/relay/relays.ts'
import { anchorGrant, relayGrant } from '../support/way-in.ts'

describe('what ffmpeg is told to fetch', () => {
  it('stands in a script, whatever its letters', () => {
    expect(fetchScript("http://a/it's", { passphrase: "x'y z" })).toBe(
      "ffconcat version 1.0\nfile 'http://a/it'\\''s'\noption passphrase 'x'\\''y z'\n",
    )
    expect(() => fetchScript('http://a/\nfile /etc/passwd', {})).toThrow()
  })

  it('never reaches a file of this machine', () => {
    for (const url of ['http://a/b.m3u8', 'rtmp://a/b', 'rtsp://a/b', 'srt://a:1', 'file:///etc/passwd', 'concat:a|b'])
      expect(fetchOptionsFor(url).protocols.split(',')).not.toContain('file')
  })
})

describe('what ffmpeg says', () => {
  it('is repeated without addresses and passwords', () => {
    expect(withoutSecrets('[tcp] http://me:pw@host/x?token=1: refused for hidden', ['hidden'])).toBe(
      '[tcp] http://… refused for …',
    )
  })

  it('tells format and title', () => {
    expect(formatInLine('  Stream #0:0: Audio: aac (LC) ([15][0][0][0] / 0x000F), 44100 Hz, mono, fltp, 75 kb/s')).toBe(
      'AAC (LC), 44.1 kHz, mono',
    )
    expect(formatInLine('  Stream #0:1[0x101](eng): Audio: mp3, 48000 Hz, stereo, fltp')).toBe('MP3, 48 kHz, stereo')
    expect(formatInLine('  Stream #0:0: Video: h264')).toBeNull()
    expect(icyTitleInLine('[http @ 0x1] Metadata update for StreamTitle: A - B')).toBe('A - B')
    expect(icyTitleInLine('[http @ 0x1] Metadata update for StreamUrl: x')).toBeNull()
  })
})

describe('a relay', () => {
  it('is pulled from a little before its window to its end, and without a window not at all', () => {
    const window = { fromMs: 100_000, untilMs: 200_000 }
    const grants = [
      relayGrant('far', 'http://a', [window]),
      relayGrant('stopped', 'http://b', null),
      anchorGrant('anna', { windows: [window] }),
    ]
    const at = (wallMs: number): string[] => [...relaysAt(grants, wallMs).keys()]
    expect([84_999, 85_000, 199_999, 200_000].map(at)).toEqual([[], ['far'], ['far'], []])
  })
})
