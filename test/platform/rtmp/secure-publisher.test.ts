import { connect } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aacFrameBody } from '../../../media/flv-audio.ts'
import { openRtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { silentLog, startTestServer, systemClock } from './receiving-server.ts'

/** Of localhost, signed by itself, until 2126. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIURAMUrETPciZbqRuzlLDQPNlnTMAwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDEwNTkzMloYDzIxMjYxMDI3
MTA1OTMyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQl7lPTI7CPB9VnelmopCCXsw56ABF31X5J6Vk0+b5VKrgEDeYi3/xA
iYONR4Su7RjOgw7VwPUtcbOuGsLofB6po28wbTAdBgNVHQ4EFgQUL4xfP05GlwzJ
2/X/91ZDDK8GlNkwHwYDVR0jBBgwFoAUL4xfP05GlwzJ2/X/91ZDDK8GlNkwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAKasbjNtADbORSSzU86PAxovYqBx2HW/gzmxXsJjR/ueAiAX
25SKn23hkiHba8r4yjoHsPfRLoo7mgk+2EtH4HwmZQ==
-----END CERTIFICATE-----
`
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnpd+eQeOtWgPzYof
yfeZ0uY/gnesj6EpDMfm7Yv61PehRANCAAQl7lPTI7CPB9VnelmopCCXsw56ABF3
1X5J6Vk0+b5VKrgEDeYi3/xAiYONR4Su7RjOgw7VwPUtcbOuGsLofB6p
-----END PRIVATE KEY-----
`

let server: Awaited<ReturnType<typeof startTestServer>>
let door: Awaited<ReturnType<typeof startTlsDoor>>
beforeEach(async () => {
  server = await startTestServer()
  door = await startTlsDoor(server.port)
})
afterEach(async () => {
  await door.close()
  await server.close()
})
const open = (trusted?: string) =>
  openRtmpPublisher({
    ...{ url: `rtmps://localhost:${door.port}/app`, stream: 'key-of-the-platform', clock: systemClock, log: silentLog },
    ...(trusted === undefined ? {} : { trusted }),
  })

it('publishes by TLS to a server that proves who it is', async () => {
  const publisher = open(certificate)
  await publisher.ready
  for (let index = 0; index < 200; index++) publisher.audio(index * 21, aacFrameBody(Buffer.alloc(400, index)))
  const publication = await server.publication(0)
  await publication.received(200)
  expect(publication.request).toMatchObject({ application: 'app', stream: 'key-of-the-platform' })
  expect(publication.audio.map(({ body }) => body[2])).toEqual(Array.from({ length: 200 }, (_, index) => index))
  await publisher.close()
  await publication.ended
})

it('tells a server nothing that can not prove who it is', async () => {
  const publisher = open()
  expect(await publisher.closed).toContain('certificate')
  expect(door.bytes()).toBe(0)
})

/** Takes TLS, and hands the bytes on to a port without it. */
async function startTlsDoor(port: number) {
  const sockets = new Set<TLSSocket>()
  let bytes = 0
  const listener = createServer({ cert: certificate, key }, (socket) => {
    const inner = connect(port, '127.0.0.1')
    sockets.add(socket)
    socket.on('data', (piece) => {
      bytes += piece.length
    })
    for (const side of [socket, inner]) side.on('error', () => undefined)
    socket.on('close', () => inner.destroy())
    inner.on('close', () => socket.destroy())
    socket.pipe(inner).pipe(socket)
  })
  listener.on('tlsClientError', () => undefined)
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening))
  const address = listener.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    bytes: () => bytes,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => listener.close(closed))
    },
  }
}
