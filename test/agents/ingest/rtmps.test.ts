import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRawSocket } from '../../platform/rtmp/raw-socket.ts'
import { runToEnd, temporaryFolder } from '../../platform/rtmp/tools.ts'
import { heard } from './heard.ts'
import { createIngestWorld, type IngestWorld, keyOf } from './world.ts'

const folder = temporaryFolder()
let world: IngestWorld
beforeAll(async () => {
  const [certificate, key] = [folder.path('radio.pem'), folder.path('radio.key')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  await runToEnd('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', certificate])
  world = await createIngestWorld({ rtmpsPort: 0, tls: { certificate, key } })
})
afterAll(async () => {
  await world.end()
  folder.remove()
})

describe('RTMPS', { timeout: 20_000 }, () => {
  it('is taken from an encoder, and told to the control center', async () => {
    const port = world.ingest.waysIn.rtmps
    expect(world.control.registrations[0]?.waysIn).toMatchObject({ rtmps: port, secure: true })
    const source = ['-f', 'lavfi', '-i', 'aevalsrc=0.3*sin(400*2*PI*t):s=48000:d=1']
    const url = `rtmps://127.0.0.1:${port}/live/${keyOf('anna')}`
    await runToEnd('ffmpeg', ['-v', 'error', ...source, '-c:a', 'aac', '-f', 'flv', url])
    const ended = await world.feed('anna', ({ state }) => state === 'ended', 'the encoder said goodbye')
    expect(heard(await world.pcm(ended), { a: 400 })).toMatch(/^\.{0,3}a{98,101}\.{0,3}$/)
  })

  it('who speaks no TLS is closed', async () => {
    const guest = await openRawSocket(world.ingest.waysIn.rtmps!)
    guest.write(Buffer.alloc(1_537, 3))
    await guest.closed
    expect((await fetch(world.url('/healthz'))).status).toBe(200)
  })

  it('a certificate that can’t be used closes RTMPS alone', async () => {
    const other = await createIngestWorld({ rtmpsPort: 0, tls: { certificate: '/nowhere.pem', key: '/nowhere.key' } })
    expect(other.ingest.waysIn).toMatchObject({ rtmps: null, secure: false })
    expect(other.ingest.waysIn.rtmp).not.toBeNull()
    await other.end()
  })
})
