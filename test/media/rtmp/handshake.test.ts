import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ClientHandshake, ServerHandshake } from '../../../media/rtmp/handshake.ts'
import { findDigest, provesDigest } from '../../../media/rtmp/handshake-digest.ts'

describe('handshake', () => {
  for (const layout of ['simple', 'digest-first', 'digest-second'] as const)
    it(`${layout}: both sides come to its end, and commands right behind it are not lost`, () => {
      for (let round = 0; round < 50; round++) {
        const client = new ClientHandshake(randomBytes, layout)
        const server = new ServerHandshake(randomBytes)
        const hello = client.start()
        const early = server.receive(hello.subarray(0, 700))
        expect(early).toEqual({ send: [], rest: null })
        const answer = server.receive(hello.subarray(700))
        expect(answer.rest).toBeNull()
        const c1 = hello.subarray(1)
        const found = findDigest(c1, 'client')
        expect(found?.layout).toBe(layout === 'simple' ? undefined : layout)
        if (found) expect(provesDigest(answer.send[0]!.subarray(1 + 1536), 'server', found.digest)).toBe(true)
        else expect(answer.send[0]!.subarray(1 + 1536).equals(c1)).toBe(true)
        const end = client.receive(Buffer.concat([...answer.send, Buffer.from('server first')]))
        expect(end.rest?.toString()).toBe('server first')
        const s1Digest = findDigest(answer.send[0]!.subarray(1, 1 + 1536), 'server')
        if (s1Digest) expect(provesDigest(end.send[0]!, 'client', s1Digest.digest)).toBe(true)
        else expect(end.send[0]!.equals(answer.send[0]!.subarray(1, 1 + 1536))).toBe(true)
        expect(server.receive(Buffer.concat([...end.send, Buffer.from('commands')])).rest?.toString()).toBe('commands')
      }
    })

  it('byte by byte is the same handshake', () => {
    const client = new ClientHandshake(randomBytes)
    const server = new ServerHandshake(randomBytes)
    const sent: Buffer[] = []
    for (const byte of client.start()) sent.push(...server.receive(Buffer.from([byte])).send)
    const steps = [...Buffer.concat(sent)].map((byte) => client.receive(Buffer.from([byte])))
    expect(steps.at(-1)!.rest).toEqual(Buffer.alloc(0))
    expect(steps.slice(0, -1).every(({ rest }) => rest === null)).toBe(true)
  })

  it('a client that signs is content with a server that only echoes', () => {
    const client = new ClientHandshake(randomBytes, 'digest-first')
    const c1 = client.start().subarray(1)
    const s1 = Buffer.alloc(1536, 9)
    const end = client.receive(Buffer.concat([Buffer.from([3]), s1, c1]))
    expect(end.rest).toHaveLength(0)
    expect(end.send[0]!.equals(s1)).toBe(true)
  })

  it('a forged signature, HTTP and TLS are refused', () => {
    const client = new ClientHandshake(randomBytes, 'digest-second')
    const answer = new ServerHandshake(randomBytes).receive(client.start()).send[0]!
    answer[answer.length - 1]! ^= 1
    expect(() => client.receive(answer)).toThrow('does not answer ours')
    expect(() => new ServerHandshake(randomBytes).receive(Buffer.from('GET / HTTP/1.1'))).toThrow(
      'the first byte is 71',
    )
    expect(() => new ServerHandshake(randomBytes).receive(Buffer.from([0x16, 3, 1]))).toThrow('the first byte is 22')
  })
})
