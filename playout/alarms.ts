import type { Logger } from '../platform/log.ts'

/** What is wrong now, a sentence each: told in the log when it begins and when it is over. */
export class Alarms {
  private readonly log: Logger
  private readonly sentences = new Map<string, string>()

  constructor(log: Logger) {
    this.log = log
  }

  /** A sentence, or null when it is over. */
  raise(name: string, sentence: string | null): void {
    if (sentence === null) {
      if (this.sentences.delete(name)) this.log.info({ alarm: name }, 'the alarm is over')
      return
    }
    if (this.sentences.get(name) !== sentence) this.log.error({ alarm: name }, sentence)
    this.sentences.set(name, sentence)
  }

  all(): string[] {
    return [...this.sentences.values()]
  }
}
