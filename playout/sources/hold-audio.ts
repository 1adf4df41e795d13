import type { Processes } from '../../platform/processes.ts'
import { BedSource } from './bed-source.ts'
import { type EmergencyAudio, keepEmergencyAudio } from './emergency-audio.ts'
import { EmergencySource } from './emergency-source.ts'
import type { Source } from './source.ts'

/** What sounds while the air is held for the next voice: a file, kept as PCM and looped as the emergency file is; else the bed. */
export class HoldAudio {
  private readonly options: { pcmPath: string; processes: Processes; onAlarm: (sentence: string) => void }
  private file: string | null = null
  private kept: EmergencyAudio | null = null

  constructor(options: { pcmPath: string; processes: Processes; onAlarm: (sentence: string) => void }) {
    this.options = options
  }

  /** From the next hold on. The file is decoded meanwhile. */
  use(file: string | null): void {
    if (file === this.file) return
    this.file = file
    this.kept = file === null ? null : keepEmergencyAudio({ file, name: 'hold file', ...this.options })
  }

  open(fromSample: number): Source {
    if (!this.kept?.isThere()) return new BedSource(fromSample)
    try {
      return new EmergencySource(this.kept.pcmPath, fromSample)
    } catch {
      return new BedSource(fromSample)
    }
  }
}
