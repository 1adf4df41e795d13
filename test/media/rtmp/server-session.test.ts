import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeAmf0 } from '../../../media/rtmp/amf0-encode.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'
import { RtmpServerSession, type ServerEvent } from '../../../media/rtmp/server-session.ts'
import { Answers } from './answers.ts'
import { hastyHandshake, RawPeer } from './raw-peer.ts'

const newSession = (): RtmpServerSession => new RtmpServerSession({ limits: RTMP_LIMITS, random: randomBytes })
const unit = Buffer.from([0xaf, 1, 0x21, 0x10])

function publishing(): { session: RtmpServerSession; peer: RawPeer; answers: Answers } {
  const session = newSession()
  const peer = new RawPeer()
  expect(session.receive(peer.toPublish())).toHaveLength(1)
  session.accept()
  return { session, peer, answers: new Answers().add(session.takeOutput()) }
}

const kinds = (events: readonly ServerEvent[]): string[] => events.map(({ type }) => type)

describe('a publisher’s session', () => {
  it('answers each command that encoders send, and asks before the publication begins', () => {
    const session = newSession()
    const peer = new RawPeer()
    const events = session.receive(peer.toPublish('high?key=k'))
    expect(session.state).toBe('deciding')
    expect(events).toHaveLength(1)
    const [event] = events
    expect(event).toMatchObject({ type: 'publish', address: { application: 'live', stream: 'high' } })
    expect(event?.type === 'publish' && event.address.query.get('key')).toBe('k')
    expect(session.accept()).toEqual([])
    const answers = new Answers().add(session.takeOutput())
    const names = answers.commands.map(([name, transaction]) => [name, transaction])
    expect(names).toEqual([
      ['_result', 1],
      ['_result', 2],
      ['_result', 3],
      ['onFCPublish', 0],
      ['_result', 4],
      ['onStatus', 0],
    ])
    expect(answers.statusCodes).toEqual(['NetStream.Publish.Start'])
    expect(answers.bodiesOf(MESSAGE.windowAckSize)).toHaveLength(1)
    expect(answers.bodiesOf(MESSAGE.setPeerBandwidth)).toHaveLength(1)
  })

  it('hands out what came behind the publish request only once it is accepted, and nothing when it is refused', () => {
    for (const accepted of [true, false]) {
      const session = newSession()
      const peer = new RawPeer()
      expect(kinds(session.receive(Buffer.concat([peer.toPublish(), peer.audio(0, unit)])))).toEqual(['publish'])
      expect(session.receive(peer.audio(21, unit))).toEqual([])
      if (accepted) {
        expect(session.accept()).toMatchObject([
          { type: 'audio', timestampMs: 0 },
          { type: 'audio', timestampMs: 21 },
        ])
      } else {
        session.refuse('The key is wrong.', 'NetStream.Publish.Unauthorized')
        expect(session.accept()).toEqual([])
        expect(session.receive(peer.audio(43, unit))).toEqual([])
        expect(new Answers().add(session.takeOutput()).statusCodes).toEqual(['NetStream.Publish.Unauthorized'])
      }
    }
  })

  it('finds application, stream and query wherever the encoder puts them', () => {
    const cases: [object, string][] = [
      [{ app: 'live/', tcUrl: 'rtmp://h/live/' }, 'high?key=k'],
      [{ app: 'live?key=k', tcUrl: 'rtmp://h/live?key=wrong' }, 'high'],
      [{ app: 'live', tcUrl: 'rtmp://h:1935/live?key=k' }, '/high'],
      [{ tcUrl: 'rtmp://h/live?key=k' }, 'high'],
      [{ app: '/live?key=wrong' }, 'high?key=k'],
    ]
    for (const [options, stream] of cases) {
      const session = newSession()
      const peer = new RawPeer()
      const [event] = session.receive(
        Buffer.concat([hastyHandshake(), peer.connect(options as never), peer.command(1, 'publish', 0, null, stream)]),
      )
      expect(event).toMatchObject({ type: 'publish', address: { application: 'live', stream: 'high' } })
      expect(event?.type === 'publish' && event.address.query.get('key')).toBe('k')
    }
  })

  it('ends a publication by every command that means it, and can begin another', () => {
    const endings: ((peer: RawPeer) => Buffer)[] = [
      (peer) => peer.command(0, 'deleteStream', 6, null, 1),
      (peer) => peer.command(1, 'closeStream', 6, null),
      (peer) => peer.command(0, 'FCUnpublish', 6, null, 'high'),
      (peer) => peer.command(1, 'publish', 6, null, false),
    ]
    for (const ending of endings) {
      const { session, peer } = publishing()
      const events = session.receive(Buffer.concat([peer.audio(0, unit), ending(peer), peer.audio(21, unit)]))
      expect(kinds(events)).toEqual(['audio', 'ended'])
      expect(session.state).toBe('connected')
      expect(kinds(session.receive(peer.command(1, 'publish', 7, null, 'high')))).toEqual(['publish'])
    }
  })

  it('hears @setDataFrame, plain data, AMF3-wrapped commands and data, and aggregates', () => {
    const { session, peer } = publishing()
    const wrapped = (...values: Parameters<typeof encodeAmf0>[0]): Buffer =>
      Buffer.concat([Buffer.from([0]), encodeAmf0(values)])
    const tag = (type: number, time: number, body: Buffer): Buffer => {
      const header = Buffer.alloc(11)
      header[0] = type
      header.writeUIntBE(body.length, 1, 3)
      header.writeUIntBE(time, 4, 3)
      return Buffer.concat([header, body, Buffer.alloc(4)])
    }
    const aggregate = Buffer.concat([tag(8, 5_000, unit), tag(9, 5_010, unit), tag(8, 5_021, unit)])
    const events = session.receive(
      Buffer.concat([
        peer.message(MESSAGE.dataAmf0, 1, encodeAmf0(['@setDataFrame', 'onMetaData', { title: 'a' }])),
        peer.message(MESSAGE.dataAmf0, 1, encodeAmf0(['onAirtight', '{}'])),
        peer.message(MESSAGE.dataAmf3, 1, wrapped('onCue', 1)),
        peer.message(MESSAGE.aggregate, 1, aggregate, 100),
        peer.message(MESSAGE.commandAmf3, 1, wrapped('closeStream', 0, null)),
      ]),
    )
    expect(events).toMatchObject([
      { type: 'data', name: 'onMetaData', values: [{ title: 'a' }] },
      { type: 'data', name: 'onAirtight', values: ['{}'] },
      { type: 'data', name: 'onCue', values: [1] },
      { type: 'audio', timestampMs: 100 },
      { type: 'audio', timestampMs: 121 },
      { type: 'ended' },
    ])
  })

  it('leaves out metadata that it can’t read, and goes on with the audio', () => {
    const { session, peer } = publishing()
    const broken = peer.message(MESSAGE.dataAmf0, 1, Buffer.from([2, 0, 50, 65]))
    expect(kinds(session.receive(Buffer.concat([broken, peer.audio(0, unit)])))).toEqual(['ignored', 'audio'])
  })

  it('takes media from the message stream that publishes, and from no other', () => {
    const { session, peer } = publishing()
    expect(session.receive(peer.message(MESSAGE.audio, 2, unit, 0, 9))).toEqual([])
    expect(kinds(session.receive(peer.audio(0, unit)))).toEqual(['audio'])
  })

  it('refuses players, and hears nothing that they say after it', () => {
    const session = newSession()
    const peer = new RawPeer()
    const words = [hastyHandshake(), peer.connect(), peer.command(1, 'play', 0, null, 'high'), peer.audio(0, unit)]
    expect(session.receive(Buffer.concat(words))).toMatchObject([{ type: 'close', kind: 'refused' }])
    expect(session.receive(peer.audio(21, unit))).toEqual([])
    expect(new Answers().add(session.takeOutput()).statusCodes).toEqual(['NetStream.Play.Failed'])
  })

  it('answers pings, and acknowledges as often as the peer asks', () => {
    const { session, peer, answers } = publishing()
    const window = Buffer.alloc(4)
    window.writeUInt32BE(1_000)
    session.receive(peer.message(MESSAGE.windowAckSize, 0, window))
    session.receive(peer.message(MESSAGE.userControl, 0, Buffer.from([0, 6, 1, 2, 3, 4])))
    for (let count = 0; count < 20; count++) session.receive(peer.audio(count * 21, Buffer.alloc(250, 0xaf)))
    answers.add(session.takeOutput())
    expect(answers.bodiesOf(MESSAGE.userControl).at(-1)).toEqual(Buffer.from([0, 7, 1, 2, 3, 4]))
    const acknowledged = answers.bodiesOf(MESSAGE.acknowledgement).map((body) => body.readUInt32BE(0))
    expect(acknowledged).toHaveLength(5)
    expect(acknowledged.every((bytes, index) => index === 0 || bytes - acknowledged[index - 1]! >= 1_000)).toBe(true)
  })

  it('closes with a reason on every sentence that makes no sense', () => {
    const nonsense: [string, (peer: RawPeer) => Buffer, string][] = [
      [
        'something before connect',
        (peer) => peer.command(0, 'createStream', 1, null),
        'the first command is "createStream"',
      ],
      ['no application anywhere', (peer) => peer.connect({ flashVer: 'x' }), 'names no application'],
      ['connect with null', (peer) => peer.connect(null), 'names no application'],
      ['a command without a name', (peer) => peer.command(0, 5), 'command without a name'],
      [
        'publish of null',
        (peer) => Buffer.concat([peer.connect(), peer.command(1, 'publish', 2, null, null)]),
        'without a stream name',
      ],
      [
        'truncated AMF',
        (peer) => peer.message(MESSAGE.commandAmf0, 0, Buffer.from('0200ff61', 'hex')),
        'AMF is cut off',
      ],
      [
        'a gigabyte of name',
        (peer) => peer.message(MESSAGE.commandAmf0, 0, Buffer.from('0c40000000', 'hex')),
        '1073741824 bytes',
      ],
      ['an empty ping', (peer) => peer.message(MESSAGE.userControl, 0, Buffer.from([0, 6])), 'ping is cut off'],
      ['a short window', (peer) => peer.message(MESSAGE.windowAckSize, 0, Buffer.from([1])), 'cut off'],
      [
        'seventeen streams',
        (peer) =>
          Buffer.concat([
            peer.connect(),
            ...Array.from({ length: 17 }, () => peer.command(0, 'createStream', 2, null)),
          ]),
        'more than 16 message streams',
      ],
    ]
    for (const [name, words, reason] of nonsense) {
      const session = newSession()
      const events = session.receive(Buffer.concat([hastyHandshake(), words(new RawPeer())]))
      expect(events.at(-1), name).toMatchObject({ type: 'close', reason: expect.stringContaining(reason) })
      expect(session.state).toBe('closed')
    }
  })

  it('takes `publish false` of one who does not publish for what it is: nothing', () => {
    const session = newSession()
    const peer = new RawPeer()
    const words = [hastyHandshake(), peer.connect(), peer.command(1, 'publish', 2, null, false)]
    expect(session.receive(Buffer.concat(words))).toEqual([])
    expect(session.state).toBe('connected')
  })
})
