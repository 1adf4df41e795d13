import { describe, expect, it } from 'vitest'
import { audioSpecificConfig } from '../../../media/adts.ts'
import { aacFrameBody, aacSequenceHeaderBody } from '../../../media/flv-audio.ts'
import { openRtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { silentLog, startTestServer, systemClock } from './receiving-server.ts'

describe('our publisher into our server', () => {
  it('carries audio and markers in order, and both sides hear the end', async () => {
    const server = await startTestServer()
    try {
      const publisher = openRtmpPublisher({
        url: `rtmp://127.0.0.1:${server.port}/live`,
        stream: 'high?key=abc',
        clock: systemClock,
        log: silentLog,
      })
      await publisher.ready
      const config = aacSequenceHeaderBody(audioSpecificConfig(2))
      expect(publisher.data(0, 'onAirtight', ['{"type":"start"}'])).toBe(true)
      expect(publisher.audio(0, config)).toBe(true)
      const unit = aacFrameBody(Buffer.alloc(9_000, 7))
      expect(publisher.audio(21, unit)).toBe(true)
      const publication = await server.publication(0)
      await publication.received(3)
      expect(publication.request).toMatchObject({ application: 'live', stream: 'high', remoteAddress: '127.0.0.1' })
      expect(publication.request.query.get('key')).toBe('abc')
      expect(publication.messages).toEqual([
        { timestampMs: 0, name: 'onAirtight', values: ['{"type":"start"}'] },
        { timestampMs: 0, body: config },
        { timestampMs: 21, body: unit },
      ])
      await publisher.close()
      expect(await publication.ended).toBe('the encoder unpublished its stream')
      expect(await publisher.closed).toBe('closed by us')
    } finally {
      await server.close()
    }
  })

  it('tells a refused publisher why', async () => {
    const server = await startTestServer(() => ({
      refuse: 'The key is wrong.',
      code: 'NetStream.Publish.Unauthorized',
    }))
    try {
      const publisher = openRtmpPublisher({
        url: `rtmp://127.0.0.1:${server.port}/live`,
        stream: 'high',
        clock: systemClock,
        log: silentLog,
      })
      await expect(publisher.ready).rejects.toThrow('NetStream.Publish.Unauthorized: The key is wrong.')
      expect(publisher.audio(0, Buffer.from([0xaf, 1, 0]))).toBe(false)
    } finally {
      await server.close()
    }
  })

  it('tells a publisher whose publication the server ends', async () => {
    const server = await startTestServer()
    try {
      const publisher = openRtmpPublisher({
        url: `rtmp://127.0.0.1:${server.port}/live`,
        stream: 'high',
        clock: systemClock,
        log: silentLog,
      })
      await publisher.ready
      const publication = await server.publication(0)
      publication.request.end('a higher generation has come')
      expect(await publisher.closed).toContain('a higher generation has come')
      expect(await publication.ended).toBe('a higher generation has come')
    } finally {
      await server.close()
    }
  })
})
