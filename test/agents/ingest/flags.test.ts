import { describe, expect, it } from 'vitest'
import { readFlags } from '../../../agents/ingest/flags.ts'

describe('the command line of an ingest node', () => {
  it('has the ports that encoders expect, and no RTMPS without a certificate', () => {
    expect(readFlags(['--data', 'x'], { AIRTIGHT_JOIN_TOKEN: 'token' })).toMatchObject({
      joinToken: 'token',
      httpPort: 8006,
      studioPort: 8007,
      rtmpPort: 1935,
      rtmpsPort: null,
      icecastPort: 8005,
      tls: null,
    })
  })

  it('a certificate opens RTMPS, and a way in may be closed', () => {
    const flags = readFlags(['--tls-certificate', 'a.pem', '--tls-key', 'a.key', '--icecast-port', 'off'], {})
    expect(flags).toMatchObject({ rtmpsPort: 1936, icecastPort: null, tls: { certificate: 'a.pem', key: 'a.key' } })
  })

  const wrong: [string[], RegExp][] = [
    [['--tls-key', 'a.key'], /go together/],
    [['--rtmp-port', '70000'], /--rtmp-port 70000 is neither a port/],
    [['--http-port', 'off'], /--http-port can’t be off/],
    [['--id', 'Ingest 1'], /not a node's name/],
    [['--control', 'localhost'], /--control localhost is not an address/],
  ]
  for (const [args, sentence] of wrong)
    it(`says what to write instead of ${args.join(' ')}`, () => expect(() => readFlags(args, {})).toThrow(sentence))
})
