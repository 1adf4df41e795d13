import { createFeeds } from '../../../agents/ingest/feeds/feeds.ts'
import type { FeedWriter } from '../../../agents/ingest/feeds/sender.ts'
import { createEvents } from '../../../agents/ingest/http/events.ts'
import { answerPcm } from '../../../agents/ingest/http/pcm.ts'
import { startHttpServer } from '../../../agents/ingest/http/server.ts'
import { type Clock, systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { check } from '../../../schemas/check.ts'
import { type IngestPeer, KickOrder, type LivePlan } from '../../../schemas/live.ts'

const READ_KEY = 'read key'
const clock: Clock = systemClock
let runs = 0

/** The feeds and the HTTP of an ingest node, with senders that are tones instead of connections. */
export async function startToneIngest(id: string, plan: () => LivePlan) {
  const log = createLogger('test', 'silent')
  const feeds = createFeeds({
    briefing: () => plan(),
    newRun: () => (++runs).toString(16).padStart(16, '0'),
    clock,
    log,
  })
  const events = createEvents(id, feeds, clock)
  const http = await startHttpServer(
    {
      mayRead: (authorization) => authorization === `Bearer ${READ_KEY}`,
      events: events.answer,
      pcm: (wanted, response) => answerPcm(feeds, clock, wanted, response),
      preview: (_keyId, response) => response.writeHead(404).end(),
      kick(keyId, body) {
        const order = check(KickOrder, body)
        if (order.ok) feeds.kick(keyId, order.value)
        return { status: order.ok ? 200 : 400, answer: {} }
      },
      readiness: () => ({ ok: true, reason: '' }),
      metrics: () => '',
      failed: (error) => {
        throw error
      },
    },
    '127.0.0.1',
    0,
  )
  const senders = new Set<ToneSender>()
  return {
    peer: (): IngestPeer => ({ id, url: `http://127.0.0.1:${http.port}`, readKey: READ_KEY }),
    /** Somebody begins to send a tone, in real time. */
    connect(keyId: string, hertz: number): ToneSender {
      const opened = feeds.open({
        keyId,
        source: 'rtmp',
        remoteAddress: '127.0.0.1',
        format: 'tone',
        drop: () => sender.stop(),
      })
      if ('refuse' in opened) throw new Error(opened.refuse)
      const sender = new ToneSender(opened.writer, hertz)
      senders.add(sender)
      return sender
    },
    async stop(): Promise<void> {
      for (const sender of senders) sender.stop()
      events.stop()
      feeds.close('The test is over.')
      await http.stop()
    },
  }
}

export class ToneSender {
  private readonly writer: FeedWriter
  private readonly omega: number
  private readonly startedMs = clock.monotonicMs()
  private readonly stopSending: () => void
  private sent = 0

  constructor(writer: FeedWriter, hertz: number) {
    this.writer = writer
    this.omega = (2 * Math.PI * hertz) / 48_000
    this.stopSending = clock.every(20, () => this.send())
  }

  /** Nothing more comes, and nobody says so. */
  stop(): void {
    this.stopSending()
  }

  lose(): void {
    this.stop()
    this.writer.lost('The connection was reset.')
  }

  sayGoodbye(): void {
    this.send()
    this.stop()
    this.writer.end('It said goodbye.')
  }

  private send(): void {
    const due = Math.floor((clock.monotonicMs() - this.startedMs) * 48)
    const floats = new Float32Array((due - this.sent) * 2)
    for (let index = 0; index < floats.length; index++)
      floats[index] = 0.25 * Math.sin(this.omega * (this.sent + (index >> 1)))
    this.sent = due
    this.writer.heard()
    this.writer.pcm(Buffer.from(floats.buffer))
  }
}
