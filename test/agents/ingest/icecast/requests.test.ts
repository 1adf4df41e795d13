import { describe, expect, it } from 'vitest'
import { bodyReaderFor } from '../../../../agents/ingest/icecast/body-reader.ts'
import { keyOfAuthorization } from '../../../../agents/ingest/icecast/caller.ts'
import { parseMetadataTarget } from '../../../../agents/ingest/icecast/metadata-request.ts'
import { parseRequestHead, type RequestHead } from '../../../../agents/ingest/icecast/request-head.ts'

const head = (text: string): RequestHead => parseRequestHead(Buffer.from(text, 'latin1'))!
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe("a source client's request", () => {
  it('is understood in every dialect', () => {
    const ice = head('SOURCE /live ICE/1.0\ncontent-type: audio/mpeg\nIce-Name: Late show\n\nrest')
    expect(ice).toMatchObject({ method: 'SOURCE', target: '/live', protocol: 'ICE/1.0' })
    expect(ice.headers.get('ice-name')).toBe('Late show')
    expect('SOURCE /live ICE/1.0\ncontent-type: audio/mpeg\nIce-Name: Late show\n\nrest'.slice(ice.lengthBytes)).toBe(
      'rest',
    )
    const put = head('PUT /x.ogg HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n')
    expect(put.headers.get('expect')).toBe('100-continue')
  })

  it('is waited for, and refused as soon as it can be none', () => {
    expect(parseRequestHead(Buffer.from('SOURCE /live HTTP/1.0\r\nA: b\r\n'))).toBeNull()
    for (const text of [
      'GET\r\n\r\n',
      '\x16\x03\x01\x00\r\n\r\n',
      'PUT /a HTTP/2.0\r\n\r\n',
      'PUT /a HTTP/1.1\r\nno colon\r\n\r\n',
      `PUT /a HTTP/1.1\r\n${'a: b\r\n'.repeat(101)}\r\n`,
      'PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n',
    ])
      expect(() => head(text)).toThrow()
  })

  it('shows its key in any of three forms', () => {
    const signature = 'a'.repeat(64)
    expect(keyOfAuthorization(basic('source', 'a:b.c'))).toEqual({ key: 'a:b.c' })
    expect(keyOfAuthorization(basic('anna-1', `1800000000.${signature}`))).toEqual({
      keyId: 'anna-1',
      expires: 1_800_000_000,
      signature,
    })
    expect(keyOfAuthorization(basic('source', `anna-1.1800000000.${signature}`))).toEqual({
      keyId: 'anna-1',
      expires: 1_800_000_000,
      signature,
    })
    for (const nothing of [undefined, '', 'Bearer x', 'Basic', 'Basic !!', basic('source', '')])
      expect(keyOfAuthorization(nothing)).toBeNull()
  })
})

describe('a body', () => {
  const chunked = (): ReturnType<typeof bodyReaderFor> =>
    bodyReaderFor(head('PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'))

  it('in chunks is the same however it is cut, and says when it is over', () => {
    const bytes = Buffer.from('5\r\nhello\r\n6;note=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n')
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const body = chunked()
      const media = [...body.push(bytes.subarray(0, cut)), ...body.push(bytes.subarray(cut))]
      expect(Buffer.concat(media).toString()).toBe('hello world')
      expect(body.isComplete()).toBe(true)
    }
  })

  it('with a lie in its chunks is refused', () => {
    for (const lie of ['zz\r\n', '5\r\nhelloX\r\n', 'ffffffff\r\n', 'a'.repeat(300)])
      expect(() => chunked().push(Buffer.from(lie))).toThrow()
    expect(() => bodyReaderFor(head('PUT /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n'))).toThrow(/gzip/)
  })

  it('with a length ends there, and without one goes on', () => {
    const measured = bodyReaderFor(head('PUT /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n'))
    expect(Buffer.concat(measured.push(Buffer.from('abcdef'))).toString()).toBe('abcd')
    expect(measured.isComplete()).toBe(true)
    for (const length of ['', 'Content-Length: 0\r\n', 'Content-Length: 2147483647\r\n']) {
      const endless = bodyReaderFor(head(`SOURCE /a HTTP/1.0\r\n${length}\r\n`))
      expect(Buffer.concat(endless.push(Buffer.from('abcdef'))).toString()).toBe('abcdef')
      expect(endless.isComplete()).toBe(false)
    }
  })
})

describe('a title by /admin/metadata', () => {
  const titleOf = (query: string): string | undefined =>
    parseMetadataTarget(`/admin/metadata?mode=updinfo&${query}`)?.title

  it('is read in whatever encoding it was written', () => {
    expect(titleOf('mount=%2Flive&song=K%C3%BCste+-+M%C3%B6we')).toBe('Küste - Möwe')
    expect(titleOf('song=K%FCste%20-%20M%F6we')).toBe('Küste - Möwe')
    expect(titleOf('song=%C9%CF%BA%A3%B5%E7%CC%A8%20-%20%D2%B9')).toBe('上海电台 - 夜')
    expect(titleOf('charset=GB18030&song=%C9%CF%BA%A3')).toBe('上海')
    expect(titleOf('charset=ISO-8859-5&song=%BC%D8%E0')).toBe('Мир')
    expect(titleOf('charset=nonsense&song=abc%0d%0ax')).toBe('abc x')
    expect(titleOf('artist=A&title=B')).toBe('A - B')
  })

  it('is nothing else', () => {
    expect(parseMetadataTarget('/admin/metadata?mode=other&song=x')).toBeNull()
    expect(parseMetadataTarget('/admin/stats')).toBeNull()
    expect(parseMetadataTarget('/live')).toBeNull()
  })
})
