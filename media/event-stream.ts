/** One event of a stream of server-sent events. */
export type StreamEvent = { event: string; data: string }

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) as their bytes come: `event` and `data` only; ids, retries and comments are
 * passed over. Throws a RangeError when an event is longer than `charactersMax`.
 */
export class EventStreamReader {
  readonly #charactersMax: number
  readonly #decoder = new TextDecoder()
  #rest = ''
  #event = ''
  #data: string[] = []
  #length = 0

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax
  }

  push(bytes: Uint8Array): StreamEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true })
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop()!
    if (this.#rest.length + this.#length > this.#charactersMax) throw new RangeError('a server-sent event is too long')
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line))
  }

  #line(line: string): StreamEvent[] {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#event = value
    if (field === 'data') this.#data.push(value)
    this.#length += line.length
    return []
  }

  #dispatch(): StreamEvent[] {
    const event = { event: this.#event || 'message', data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#event = ''
    this.#data = []
    this.#length = 0
    return isEmpty ? [] : [event]
  }
}
