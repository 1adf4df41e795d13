import type { PushTarget, PushTargets, TargetStatus } from '../../schemas/playout.ts'
import { limits } from '../limits.ts'
import { TargetPush, type TargetPushOptions } from './target-push.ts'

type Shared = Omit<TargetPushOptions, 'target' | 'rendition' | 'spool' | 'audioConfig'>
type Row = Pick<TargetPushOptions, 'rendition' | 'spool' | 'audioConfig'>

/** The push to every registered slicer, and to any other RTMP server: one connection a rendition and target, none of which waits for another. */
export class FanOut {
  private readonly shared: Shared
  private readonly rows: ReadonlyMap<string, Row>
  private readonly pushes = new Map<string, { key: string; push: TargetPush; rendition: string }>()

  constructor(shared: Shared, rows: readonly Row[]) {
    this.shared = shared
    this.rows = new Map(rows.map((row) => [row.rendition.id, row]))
  }

  /** The whole list: what is new is opened, what changed is opened anew, what is gone is closed. */
  set(wanted: PushTargets): void {
    const keep = new Set<string>()
    for (const target of wanted.targets.slice(0, limits.targetsMax)) {
      for (const rendition of target.renditions) keep.add(this.ensure(target, rendition))
    }
    for (const [id, { push }] of this.pushes) {
      if (keep.has(id)) continue
      push.close()
      this.pushes.delete(id)
    }
  }

  pump(rendition: string): void {
    for (const entry of this.pushes.values()) if (entry.rendition === rendition) entry.push.pump()
  }

  status(): TargetStatus[] {
    return [...this.pushes.values()].map(({ push }) => push.status())
  }

  close(): void {
    for (const { push } of this.pushes.values()) push.close()
    this.pushes.clear()
  }

  private ensure(target: PushTarget, rendition: string): string {
    const id = `${target.id} ${rendition}`
    const key = `${target.url} ${target.pushKey} ${target.generation} ${target.streamName}`
    const row = this.rows.get(rendition)
    const existing = this.pushes.get(id)
    if (!row || existing?.key === key) return id
    existing?.push.close()
    this.pushes.set(id, { key, rendition, push: new TargetPush({ ...this.shared, ...row, target }) })
    return id
  }
}
