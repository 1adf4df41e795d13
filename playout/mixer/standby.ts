import type { Placement } from '../programme/placement.ts'
import type { Programme } from '../programme/programme.ts'
import type { Source } from '../sources/source.ts'

type Opened = { source: Source; lengthSamples: number }

/** Keeps what would come after a voice open and decoded, so that the programme can come in at any block. One item, never more. */
export class Standby {
  private readonly programme: Programme
  private readonly openSource: (placement: Placement) => Source
  private kept: (Opened & { placement: Placement }) | null = null

  constructor(programme: Programme, openSource: (placement: Placement) => Source) {
    this.programme = programme
    this.openSource = openSource
  }

  /** Once a block: another item, when another one would come next by now. */
  keep(fromSample: number): void {
    const wanted = this.programme.standby(fromSample)
    if (this.kept && !(wanted && this.serves(wanted))) this.close()
    if (!wanted?.path) return
    try {
      this.kept ??= { placement: wanted, source: this.openSource(wanted), lengthSamples: lengthOf(wanted) }
    } catch {
      this.programme.avoid(wanted.path, fromSample)
      return
    }
    if (this.kept.source.state().state !== 'failed') return
    this.close()
    this.programme.avoid(wanted.path, fromSample)
  }

  /** The source of an item that is placed now, when it is the one that was kept. It is the taker's to close. */
  take(placement: Placement): Opened | null {
    if (!this.kept || !this.serves(placement)) return null
    const { source, lengthSamples } = this.kept
    this.kept = null
    return { source, lengthSamples }
  }

  close(): void {
    this.kept?.source.close()
    this.kept = null
  }

  private serves(wanted: Placement): boolean {
    const { kept } = this
    if (!kept || kept.source.state().state === 'failed') return false
    const { path, cueInSample } = kept.placement
    return path === wanted.path && cueInSample === wanted.cueInSample && kept.lengthSamples >= lengthOf(wanted)
  }
}

const lengthOf = ({ startSample, endSample }: Placement): number => endSample - startSample
