import type { Static } from 'typebox'
import type { Clock } from '../../platform/clock.ts'
import { createHttpClient, type HttpClient } from '../../platform/http-client.ts'
import type { QuietLog } from '../../platform/rtmp/quiet-log.ts'
import type { IngestPeer, KickOrder, LiveStatus } from '../../schemas/live.ts'
import { limits } from '../limits.ts'
import { IngestLink } from './ingest-link.ts'
import type { SeenFeed } from './seen.ts'

/** What is known of the ingest nodes, and told to them. */
export type LiveLinks = Pick<IngestLinks, 'onWord' | 'set' | 'feeds' | 'heard' | 'status' | 'peer' | 'kick' | 'close'>

/** A link to each ingest node of the plan. */
export class IngestLinks {
  private readonly links = new Map<string, IngestLink>()
  private readonly http: HttpClient
  private readonly clock: Clock
  private readonly log: QuietLog
  /** A node has spoken, or is not heard any more. */
  onWord: () => void = () => {}

  constructor(options: { clock: Clock; log: QuietLog }) {
    this.clock = options.clock
    this.log = options.log
    this.http = createHttpClient(options.clock)
  }

  set(peers: readonly IngestPeer[]): void {
    // A plan comes from the disk too, before the air does: nothing in it may end this process.
    const reachable = peers.filter(({ url }) => URL.canParse(url)).slice(0, limits.ingestsMax)
    const wanted = new Map(reachable.map((peer) => [peer.id, peer]))
    for (const [id, link] of this.links) {
      const peer = wanted.get(id)
      if (peer && peer.url === link.peer.url && peer.readKey === link.peer.readKey) continue
      link.close()
      this.links.delete(id)
    }
    for (const [id, peer] of wanted) {
      if (this.links.has(id)) continue
      this.links.set(id, new IngestLink({ peer, clock: this.clock, log: this.log, onWord: () => this.onWord() }))
    }
  }

  feeds(): SeenFeed[] {
    return [...this.links.values()].flatMap((link) => link.feeds())
  }

  heard(): Set<string> {
    return new Set([...this.links.values()].filter(({ isHeard }) => isHeard).map(({ peer }) => peer.id))
  }

  status(): LiveStatus['ingests'] {
    return [...this.links.values()].map((link) => link.status())
  }

  peer(id: string): IngestPeer | null {
    return this.links.get(id)?.peer ?? null
  }

  /** Tells the node to drop a key's sender. That it can't be told is logged: its link will have said why. */
  kick(id: string, keyId: string, order: Static<typeof KickOrder>): void {
    const peer = this.peer(id)
    if (!peer) return
    this.http
      .ask({
        url: `${peer.url}/feeds/${keyId}/kick`,
        method: 'POST',
        headers: { authorization: `Bearer ${peer.readKey}` },
        body: JSON.stringify(order),
        timeoutMs: limits.ingestKickMs,
        bytesMax: 65_536,
      })
      .then(
        ({ status }) =>
          status >= 300 && this.log.warn('kick', { ingest: id, status }, 'an ingest node refuses to kick'),
        (error: Error) => this.log.warn('kick', { ingest: id, error: error.message }, 'a kick did not arrive'),
      )
  }

  close(): void {
    for (const link of this.links.values()) link.close()
    this.links.clear()
    this.http.close()
  }
}
