import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { Processes } from '../../platform/processes.ts'
import { isHold } from '../programme/live-placement.ts'
import type { Placement } from '../programme/placement.ts'
import { BedSource } from './bed-source.ts'
import type { EmergencyAudio } from './emergency-audio.ts'
import { EmergencySource } from './emergency-source.ts'
import { FileSource } from './file-source.ts'
import type { HoldAudio } from './hold-audio.ts'
import type { Source } from './source.ts'

export type SourceOptions = {
  clock: Clock
  processes: Processes
  log: Logger
  emergency: EmergencyAudio
  holdAudio: HoldAudio
  /** Audio has arrived, or will not. */
  onChange: () => void
}

/** What a placement plays, from so many samples after its start. Throws when a file can't be opened. */
export function openSource(options: SourceOptions, placement: Placement, offsetSamples: number): Source {
  const { clock, processes, log, emergency, holdAudio, onChange } = options
  if (isHold(placement)) return holdAudio.open(offsetSamples)
  if (placement.rung === 'bed') return new BedSource(offsetSamples)
  if (placement.rung === 'emergency') {
    try {
      return new EmergencySource(emergency.pcmPath, offsetSamples)
    } catch (error) {
      log.error({ error: (error as Error).message }, 'the emergency audio fails; the bed plays')
      return new BedSource(offsetSamples)
    }
  }
  return new FileSource({
    path: placement.path!,
    fromSample: placement.cueInSample + offsetSamples,
    samples: placement.endSample - placement.startSample - offsetSamples,
    clock,
    processes,
    log,
    onChange,
  })
}
