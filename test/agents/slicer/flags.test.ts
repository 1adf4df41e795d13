import { describe, expect, it } from 'vitest'
import { readFlags } from '../../../agents/slicer/flags.ts'

describe('the command line of a slicer', () => {
  it('needs nothing but the control center and a token', () => {
    const flags = readFlags(['--control', 'http://10.0.0.1:8080/', '--token', 'abc'], {})
    expect(flags).toMatchObject({ controlUrl: 'http://10.0.0.1:8080', joinToken: 'abc', host: '127.0.0.1', id: null })
    expect(readFlags([], { AIRTIGHT_JOIN_TOKEN: 'from the environment' }).joinToken).toBe('from the environment')
  })

  it.each([
    [['--http-port', 'abc'], '--http-port abc is not a port, such as 8103'],
    [['--http-port', ''], '--http-port  is not a port, such as 8103'],
    [['--rtmp-port=70000'], '--rtmp-port 70000 is not a port, such as 8103'],
    [['--control', 'control-center'], '--control control-center is not an address such as http://127.0.0.1:8080'],
    [['--id', '../../etc'], "--id ../../etc is not a node's name, such as slicer-3: small letters, digits and hyphens"],
    [['--bogus'], "Unknown option '--bogus'"],
  ])('%j is refused in a sentence', (args, sentence) => {
    expect(() => readFlags(args, {})).toThrow(sentence)
  })
})
