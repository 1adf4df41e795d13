import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playbackKeyOf, pushSignatureOf } from '../../../platform/credentials.ts'
import type { KeyMade } from '../../../schemas/accounts.ts'
import type { PlaybackAnswer, StudioEncoder, StudioTicket } from '../../../schemas/api-live.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import { eventually } from '../support/eventually.ts'
import { type Browser, makeFirstAdmin, signedIn, tokenOf } from '../support/people.ts'
import { joinNode, PLAYBACK_SECRET, type Station, startStation } from '../support/station.ts'

const here = { rtmp: 1935, rtmps: null, icecast: 8005, studio: 8007, secure: false }
const there = { rtmp: 2935, rtmps: 2936, icecast: null, studio: 9007, secure: true }

let station: Station
let admin: Browser
let anna: Awaited<ReturnType<typeof signedIn>>
beforeAll(async () => {
  station = await startStation({ stationFile: 'listen:\n  signed: true\n  publicHost: radio.example.org\n' })
  admin = await makeFirstAdmin(station)
  anna = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
})
afterAll(() => station.end())

const grants = (): LiveGrant[] => station.playout.held.livePlan?.grants ?? []
const holds = (keyId: string, expires: number, signature: string): boolean => {
  const grant = grants().find((candidate) => candidate.keyId === keyId)
  return grant !== undefined && signature === pushSignatureOf(grant.signingKey!, keyId, expires)
}

describe('the studio', () => {
  it('says so when there is no ingest node', async () => {
    const answer = await anna.browser.ask('POST', '/api/studio/ticket')
    expect([answer.status, ((await answer.json()) as ErrorAnswer).error]).toEqual([503, 'no-ingest'])
  })

  it('gets a ticket for a key of its own, and the way to each ingest node: those here by the public host', async () => {
    const nodes = [
      await joinNode(station.url, 'ingest-1', { role: 'ingest', waysIn: here }),
      await joinNode(station.url, 'ingest-2', { role: 'ingest', waysIn: there, address: 'far.example.org' }),
    ]
    const first = await anna.browser.change<StudioTicket>('POST', '/api/studio/ticket')
    expect(first.urls.toSorted()).toEqual(['ws://radio.example.org:8007/studio', 'wss://far.example.org:9007/studio'])
    const [keyId, expires, signature] = first.ticket.split('.')
    expect(keyId).toBe(first.keyId)
    expect(Number(expires) * 1000).toBe(first.expiresMs)
    await eventually(() => holds(keyId!, Number(expires), signature!)).toBe(true)
    const again = await anna.browser.change<StudioTicket>('POST', '/api/studio/ticket')
    expect(again.keyId).toBe(first.keyId)
    for (const { die } of nodes) die()
  })

  it('shows what to set an encoder to, signed for thirty days; with another key than the page sends with', async () => {
    const studio = await anna.browser.change<StudioTicket>('POST', '/api/studio/ticket')
    const encoder = await anna.browser.get<StudioEncoder>('/api/studio/encoder')
    expect(encoder.keyId).not.toBe(studio.keyId)
    const [rtmp] = encoder.rtmp.filter(({ server }) => server === 'rtmp://radio.example.org:1935/live')
    const [name, query] = rtmp!.streamName.split('?')
    const shown = new URLSearchParams(query)
    await eventually(() => holds(name!, Number(shown.get('expires')), shown.get('signature')!)).toBe(true)
    expect(rtmp!.expiresMs - Date.now()).toBeGreaterThan(29 * 86_400_000)
    expect(encoder.rtmps.map(({ server }) => server)).toEqual(['rtmps://far.example.org:2936/live'])
    expect(encoder.icecast).toEqual([
      {
        ...{ host: 'radio.example.org', port: 8005, mount: '/live', user: encoder.keyId },
        ...{ password: `${shown.get('expires')}.${shown.get('signature')}`, expiresMs: rtmp!.expiresMs },
      },
    ])
    expect(encoder.srt).toEqual([])
    expect((await anna.browser.get<StudioEncoder>('/api/studio/encoder')).keyId).toBe(encoder.keyId)
  })

  it('takes the key that an admin has given, with its SRT port', async () => {
    const ben = await signedIn(admin, station.url, 'Ben Anchor', ['anchor'])
    const srt = { port: 9001, passphrase: 'correct-horse' }
    const body = { label: 'Flat', srt }
    const { key } = await admin.change<KeyMade>('POST', `/api/people/${ben.id}/keys`, body)
    const encoder = await ben.browser.get<StudioEncoder>('/api/studio/encoder')
    expect(encoder.keyId).toBe(key.keyId)
    expect(encoder.srt.toSorted((a, b) => (a.host < b.host ? -1 : 1))).toEqual([
      { host: 'far.example.org', ...srt },
      { host: 'radio.example.org', ...srt },
    ])
  })

  it('is for people who may be heard', async () => {
    const operator = await signedIn(admin, station.url, 'Olga Operator', ['operator'])
    expect((await operator.browser.ask('POST', '/api/studio/ticket')).status).toBe(403)
    const headers = await tokenOf(admin, 'anchor')
    expect((await fetch(`${station.url}/api/studio/ticket`, { method: 'POST', headers })).status).toBe(403)
  })
})

describe('a playback address', () => {
  const ask = async (body: unknown) => {
    const answer = await anna.browser.ask('POST', '/api/playback-address', body)
    return (await answer.json()) as PlaybackAnswer
  }

  it('is signed as nginx checks it, under a key that edges are told, and others are not', async () => {
    const edge = await joinNode(station.url, 'edge-1', { role: 'edge', httpPort: 8000 })
    const { url, expiresMs } = await ask({ expiresInSeconds: 3600 })
    const [, expires, signature] =
      /^http:\/\/radio\.example\.org:8000\/s\/(\d+)\.([\w-]+)\/hls\/test-radio\/master\.m3u8$/.exec(url)!
    expect(Number(expires) * 1000).toBe(expiresMs)
    expect(Math.abs(expiresMs! - Date.now() - 3_600_000)).toBeLessThan(5_000)
    const key = edge.registered.briefing.playbackSecret!
    expect(key).toBe(playbackKeyOf(PLAYBACK_SECRET))
    // ngx_http_secure_link_module: base64url of the MD5 of the expression `$secure_link_expires <key>`.
    expect(signature).toBe(createHash('md5').update(`${expires} ${key}`).digest('base64url'))
    const slicer = await joinNode(station.url, 'slicer-1')
    expect(slicer.registered.briefing.playbackSecret).toBeUndefined()
    for (const { die } of [edge, slicer]) die()
  })

  it('is for people and tokens of the station, within limits', async () => {
    expect((await fetch(`${station.url}/api/playback-address`, { method: 'POST' })).status).toBe(401)
    expect((await anna.browser.ask('POST', '/api/playback-address', { expiresInSeconds: 1 })).status).toBe(400)
    const headers = { ...(await tokenOf(admin, 'operator')), 'content-type': 'application/json' }
    expect((await fetch(`${station.url}/api/playback-address`, { method: 'POST', headers, body: '{}' })).status).toBe(
      200,
    )
  })
})
