import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { pushSignatureOf } from '../../../platform/credentials.ts'
import { type Run, run } from '../../platform/rtmp/tools.ts'
import { skippingClock } from '../slicer/world.ts'
import { heard } from './heard.ts'
import { createIngestWorld, grantFor, type IngestWorld, keyOf } from './world.ts'

const clock = skippingClock()
let world: IngestWorld
const encoders: Run[] = []
beforeAll(async () => {
  world = await createIngestWorld({ clock })
})
afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.kill()))
})
afterAll(() => world.end())

/** An encoder that sends a tone at the pace of sound. */
function startEncoder(stream: string, frequency = 400): Run {
  const source = ['-re', '-f', 'lavfi', '-i', `aevalsrc=0.3*sin(${frequency}*2*PI*t):s=48000`]
  const encoder = run('ffmpeg', ['-v', 'error', ...source, '-c:a', 'aac', '-f', 'flv', world.rtmpUrl(stream)])
  encoders.push(encoder)
  return encoder
}

const connected = (keyId: string, connection: number) =>
  world.feed(
    keyId,
    (feed) =>
      feed.state === 'connected' && feed.connection === connection && feed.newestSample > feed.connectionFromSample,
    `connection ${connection} of ${keyId} brings sound`,
  )

describe('an encoder comes and goes', { timeout: 30_000 }, () => {
  it('is killed, and comes back: the same run goes on where it was', async () => {
    const encoder = startEncoder(keyOf('anna'), 400)
    const first = await connected('anna', 1)
    expect(first).toMatchObject({ source: 'rtmp', format: 'AAC-LC, 48 kHz, mono', remoteAddress: '127.0.0.1' })
    await encoder.kill()
    const lost = await world.feed('anna', ({ state }) => state === 'lost', 'the loss is told')
    expect(lost.reason).toBe('the encoder closed the connection')
    startEncoder(keyOf('anna'), 2_000)
    const back = await connected('anna', 2)
    expect(back).toMatchObject({ run: first.run, connectionFromSample: lost.newestSample })
    const sound = heard(await world.pcm(back), { a: 400, B: 2_000 })
    expect(sound).toMatch(/^\.{0,3}a+\.?B+$/)
  })

  it('ends as encoders end: everything is there, and then the goodbye', async () => {
    const encoder = startEncoder(keyOf('bert'))
    const { run } = await connected('bert', 1)
    encoder.child.kill('SIGTERM')
    const ended = await world.feed('bert', ({ state }) => state === 'ended', 'the goodbye is told')
    expect(ended.run).toBe(run)
    expect(ended.reason).toMatch(/^the encoder (unpublished|deleted) its stream$/)
  })

  it('a key in use is refused, with who has it; when nothing comes any more, it is taken over', async () => {
    const first = startEncoder(keyOf('bert'))
    const before = await connected('bert', 2)
    const second = startEncoder(keyOf('bert'))
    const { output } = await second.done
    expect(output).toContain('This key is in use: an RTMP encoder from 127.0.0.1 is sending with it.')
    first.child.kill('SIGSTOP')
    const mute = await world.feed('bert', ({ heardAgoMs }) => heardAgoMs > 2_000, 'nothing comes any more')
    expect(mute.state).toBe('connected')
    startEncoder(keyOf('bert'))
    const after = await connected('bert', 3)
    expect(after).toMatchObject({ run: before.run, connectionFromSample: mute.newestSample })
    first.child.kill('SIGCONT')
    await first.done
    expect((await connected('bert', 3)).reason).toBe('It is connected again.')
  })

  it('is kicked: its connection ends, and the key is refused for a while', async () => {
    world.control.live.ingest!.grants.push(grantFor('carl'))
    await grantsKnown('carl')
    const encoder = startEncoder(keyOf('carl'))
    await connected('carl', 1)
    expect(await (await world.kick('carl', { reason: 'The show is over.', refuseMs: 30_000 })).json()).toEqual({
      kicked: true,
    })
    await encoder.done
    const kicked = await world.feed('carl', ({ state }) => state === 'ended', 'it is gone')
    expect(kicked.reason).toBe('The show is over.')
    const { output } = await startEncoder(keyOf('carl')).done
    expect(output).toMatch(/The show is over\. The key is refused for another \d\d s\./)
    clock.skip(30_000)
    startEncoder(keyOf('carl'))
    await world.feed('carl', ({ state }) => state === 'connected', 'the key is taken again')
  })

  it('whose key is revoked is gone with the next briefing', async () => {
    world.control.live.ingest!.grants.push(grantFor('dora'))
    await grantsKnown('dora')
    const encoder = startEncoder(keyOf('dora'))
    await connected('dora', 1)
    world.control.live.ingest!.grants = world.control.live.ingest!.grants.filter(({ keyId }) => keyId !== 'dora')
    await encoder.done
    const gone = await world.feed('dora', ({ state }) => state === 'ended', 'it is gone')
    expect(gone.reason).toBe('The key was revoked.')
  })

  it('shows a wrong key, an expired or a forged address: it is told what is wrong; a signed one is taken', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const signed = (name: string, expires: number, key = `signing-key-of-${name}`): string =>
      `${name}?expires=${expires}&signature=${pushSignatureOf(key, name, expires)}`
    const refused = [
      { stream: 'no-key', why: 'This key is not known to the station' },
      { stream: signed('dora', seconds + 60), why: 'This address is not signed by the station' },
      { stream: signed('erik', seconds - 1), why: 'This address has expired' },
      { stream: signed('erik', seconds + 60, 'another key'), why: 'This address is not signed by the station' },
      { stream: keyOf('fred'), why: 'its next time begins in 2 h' },
    ]
    const windows = [{ fromMs: Date.now() + 2 * 3_600_000, untilMs: Date.now() + 3 * 3_600_000 }]
    world.control.live.ingest!.grants.push(grantFor('erik'), grantFor('fred', { windows }))
    await grantsKnown('erik')
    const outputs = await Promise.all(refused.map(async ({ stream }) => (await startEncoder(stream).done).output))
    refused.forEach(({ why }, index) => {
      expect(outputs[index]).toContain(why)
    })
    startEncoder(signed('erik', seconds + 60))
    await connected('erik', 1)
  })
})

/** Resolves when the node has been told of a key: kicking it is refused with 404 before. */
async function grantsKnown(keyId: string): Promise<void> {
  while ((await world.kick(keyId, { refuseMs: 0 })).status === 404);
}
