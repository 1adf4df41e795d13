/** Bytes or text that are not what their format says. The message names what and where; nothing else is thrown by the parsers here. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}
