import type { Placement } from '../programme/placement.ts'
import type { Programme } from '../programme/programme.ts'
import type { Source } from '../sources/source.ts'

type Opened = { source: Source; lengthSamples: number }
type Kept = Opened & { placement: Placement }

/**
 * Keeps what would come after a voice open and decoded, so that the programme can come in at any block: what would come now, and what would
 * come in a few seconds. The first is let go of only when the other one has been ready for long.
 */
export class Standby {
  private readonly programme: Programme
  private readonly openSource: (placement: Placement) => Source
  private kept: Kept[] = []

  constructor(programme: Programme, openSource: (placement: Placement) => Source) {
    this.programme = programme
    this.openSource = openSource
  }

  /** Once a block. */
  keep(fromSample: number): void {
    for (const { placement } of this.kept.filter(hasFailed)) this.programme.avoid(placement.path!, fromSample)
    const wanted = this.programme.standby(fromSample).filter(({ path }) => path !== null)
    this.closeAllBut((kept) => wanted.some((placement) => serves(kept, placement)))
    for (const placement of wanted) {
      if (this.kept.some((kept) => serves(kept, placement))) continue
      if (!this.open(placement)) this.programme.avoid(placement.path!, fromSample)
    }
  }

  /** The source of an item that is placed now, when it is one that was kept. It is the taker's to close. */
  take(placement: Placement): Opened | null {
    const found = this.kept.find((kept) => serves(kept, placement))
    if (!found) return null
    this.kept = this.kept.filter((kept) => kept !== found)
    return { source: found.source, lengthSamples: found.lengthSamples }
  }

  close(): void {
    this.closeAllBut(() => false)
  }

  /** False when it can't be read. */
  private open(placement: Placement): boolean {
    try {
      const source = this.openSource(placement)
      this.kept.push({ placement, source, lengthSamples: lengthOf(placement) })
      return true
    } catch {
      return false
    }
  }

  private closeAllBut(stays: (kept: Kept) => boolean): void {
    for (const kept of this.kept) if (!stays(kept)) kept.source.close()
    this.kept = this.kept.filter(stays)
  }
}

function serves(kept: Kept, wanted: Placement): boolean {
  const { path, cueInSample } = kept.placement
  const isSame = path === wanted.path && cueInSample === wanted.cueInSample
  return isSame && kept.lengthSamples >= lengthOf(wanted) && !hasFailed(kept)
}

const hasFailed = ({ source }: Kept): boolean => source.state().state === 'failed'

const lengthOf = ({ startSample, endSample }: Placement): number => endSample - startSample
