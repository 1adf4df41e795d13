import { type Logger, pino } from 'pino'
import { LogDestination } from './log-destination.ts'

export type { Logger }

/** One JSON line an event on standard output: a sentence in `msg`, facts as fields. Names that smell of secrets are never printed. */
export function createLogger(program: string, level = process.env.AIRTIGHT_LOG_LEVEL ?? 'info'): Logger {
  const settings = {
    name: program,
    level,
    base: { program },
    redact: {
      paths: [
        'credential',
        'pushKey',
        'joinToken',
        'controlToken',
        'authorization',
        '*.credential',
        '*.pushKey',
        '*.joinToken',
      ],
      censor: '[secret]',
    },
  }
  return pino(settings, destination())
}

let standardOutput: LogDestination | null = null
function destination(): LogDestination {
  standardOutput ??= new LogDestination(1)
  return standardOutput
}
