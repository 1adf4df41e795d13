import type { LiveLinks } from '../../../playout/live/ingest-links.ts'
import type { SeenFeed } from '../../../playout/live/seen.ts'
import type { Feed } from '../../../schemas/live.ts'

const BLOCK = 1024
const BLOCK_MS = BLOCK / 48
const WORD_BLOCKS = 5
const FORGET_MS = 15_000

type SimulatedFeed = Feed & {
  stateAtMs: number
  heardAtMs: number
  isFlowing: boolean
  isDecoded: boolean
  soundSinceMs: number | null
  silentSinceMs: number | null
  pieceBlocks: number
  owed: number
}
type Node = {
  id: string
  isAlive: boolean
  isSpeaking: boolean
  heardFromMs: number
  feeds: Map<string, SimulatedFeed>
  said: Feed[] | null
  saidAtMs: number
  isChanged: boolean
}

/** Ingest nodes with their senders, a block at a time, and what they say of them over links that come and go. */
export class SimulatedIngests {
  readonly kicks: string[] = []
  nowMs: number
  private readonly nodes: Node[]
  private runs = 0
  private blocks = 0

  constructor(ids: readonly string[], nowMs: number) {
    this.nowMs = nowMs
    this.nodes = ids.map((id) => ({
      id,
      isAlive: true,
      isSpeaking: true,
      heardFromMs: nowMs,
      feeds: new Map(),
      said: null,
      saidAtMs: 0,
      isChanged: true,
    }))
  }

  /** As playout's links show it. */
  links(): LiveLinks {
    const links: LiveLinks = {
      onWord: () => {},
      set: () => {},
      feeds: () =>
        this.heardNodes().flatMap((node) =>
          (node.said ?? []).map((feed): SeenFeed => ({ ingest: node.id, ageMs: this.nowMs - node.saidAtMs, feed })),
        ),
      heard: () => new Set(this.heardNodes().map(({ id }) => id)),
      status: () => [],
      peer: (id) => ({ id, url: 'http://simulated', readKey: id }),
      kick: (id, keyId) => {
        this.kicks.push(keyId)
        this.nodes.find((node) => node.id === id)?.feeds.delete(keyId)
      },
      close: () => {},
    }
    return links
  }

  /** One block of time passes; true when a node has spoken. */
  tick(): boolean {
    this.nowMs += BLOCK_MS
    this.blocks += 1
    let hasSpoken = false
    for (const node of this.nodes) {
      if (!node.isAlive) continue
      for (const [keyId, feed] of node.feeds) {
        this.grow(feed)
        if (feed.state !== 'connected' && this.nowMs - feed.stateAtMs > FORGET_MS) {
          node.feeds.delete(keyId)
          node.isChanged = true
        }
      }
      if (!node.isSpeaking || (!node.isChanged && this.blocks % WORD_BLOCKS !== 0)) continue
      node.said = [...node.feeds.values()].map((feed) => this.describe(feed))
      node.saidAtMs = this.nowMs
      node.isChanged = false
      hasSpoken = true
    }
    return hasSpoken
  }

  /** A sender comes: into the run that is there, or a new one. Its audio arrives in pieces of so many blocks. */
  connect(nodeIndex: number, keyId: string, pieceBlocks: number): void {
    const node = this.nodes[nodeIndex]!
    if (!node.isAlive) return
    const present = node.feeds.get(keyId)
    if (present?.state === 'connected') return
    const newestSample = present?.newestSample ?? 0
    const feed: SimulatedFeed = {
      keyId,
      run: present?.run ?? (++this.runs).toString(16).padStart(16, '0'),
      source: 'rtmp',
      state: 'connected',
      reason: '',
      stateForMs: 0,
      connection: (present?.connection ?? 0) + 1,
      connectionFromSample: newestSample,
      oldestSample: present?.oldestSample ?? 0,
      newestSample,
      heardAgoMs: 0,
      levelDbfs: -20,
      peakDbfs: -10,
      silentForMs: 0,
      soundForMs: 0,
      title: '',
      format: 'AAC-LC',
      problems: [],
      remoteAddress: '127.0.0.1',
      stateAtMs: this.nowMs,
      heardAtMs: this.nowMs,
      isFlowing: true,
      isDecoded: true,
      soundSinceMs: this.nowMs,
      silentSinceMs: null,
      pieceBlocks,
      owed: 0,
    }
    node.feeds.set(keyId, feed)
    node.isChanged = true
  }

  /** It leaves: with a goodbye, or without. */
  leave(keyId: string, state: 'ended' | 'lost'): void {
    for (const [node, feed] of this.connected(keyId)) {
      feed.state = state
      feed.stateAtMs = this.nowMs
      node.isChanged = true
    }
  }

  /** Connected, but nothing comes; or it goes on. */
  setFlowing(keyId: string, isFlowing: boolean): void {
    for (const [, feed] of this.connected(keyId)) feed.isFlowing = isFlowing
  }

  /** Its decoder hangs, while it goes on sending; or there is another one, which gives all that has come meanwhile. */
  setDecoded(keyId: string, isDecoded: boolean): void {
    for (const [, feed] of this.connected(keyId)) feed.isDecoded = isDecoded
  }

  setSilent(keyId: string, isSilent: boolean): void {
    for (const [, feed] of this.connected(keyId)) {
      feed.silentSinceMs = isSilent ? (feed.silentSinceMs ?? this.nowMs) : null
      feed.soundSinceMs = isSilent ? null : (feed.soundSinceMs ?? this.nowMs)
    }
  }

  /** Its words do not arrive, while its audio does. */
  setSpeaking(nodeIndex: number, isSpeaking: boolean): void {
    this.nodes[nodeIndex]!.isSpeaking = isSpeaking
  }

  kill(nodeIndex: number): void {
    const node = this.nodes[nodeIndex]!
    Object.assign(node, { isAlive: false, said: null })
    node.feeds.clear()
  }

  revive(nodeIndex: number): void {
    const node = this.nodes[nodeIndex]!
    if (!node.isAlive) Object.assign(node, { isAlive: true, isChanged: true, heardFromMs: this.nowMs + 200 })
  }

  newestOf(nodeId: string, keyId: string, run: string): number | null {
    const node = this.nodes.find(({ id }) => id === nodeId)
    const feed = node?.isAlive ? node.feeds.get(keyId) : undefined
    return feed?.run === run ? feed.newestSample : null
  }

  /** A sender is there, flows, and has done so for the last second and the next look. */
  isWell(keyId: string): boolean {
    return this.connected(keyId).some(([, feed]) => feed.isFlowing)
  }

  private connected(keyId: string): [Node, SimulatedFeed][] {
    return this.nodes.flatMap((node) => {
      const feed = node.feeds.get(keyId)
      return feed?.state === 'connected' ? [[node, feed] as [Node, SimulatedFeed]] : []
    })
  }

  private heardNodes(): Node[] {
    return this.nodes.filter(({ isAlive, heardFromMs }) => isAlive && heardFromMs <= this.nowMs)
  }

  private grow(feed: SimulatedFeed): void {
    if (feed.state !== 'connected' || !feed.isFlowing) return
    feed.owed += 1
    if (!feed.isDecoded) feed.heardAtMs = this.nowMs
    if (feed.owed < feed.pieceBlocks || !feed.isDecoded) return
    feed.newestSample += feed.owed * BLOCK
    feed.owed = 0
    feed.heardAtMs = this.nowMs
    feed.oldestSample = Math.max(feed.oldestSample, feed.newestSample - 30 * 48_000)
  }

  private describe(feed: SimulatedFeed): Feed {
    const { nowMs } = this
    return {
      ...feed,
      stateForMs: nowMs - feed.stateAtMs,
      heardAgoMs: nowMs - feed.heardAtMs,
      pieceMs: Math.round(feed.pieceBlocks * BLOCK_MS),
      silentForMs: feed.silentSinceMs === null ? 0 : nowMs - feed.silentSinceMs,
      soundForMs: feed.soundSinceMs === null ? 0 : nowMs - feed.soundSinceMs,
    }
  }
}
