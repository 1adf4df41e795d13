import { FormatError } from './format-error.ts'

/** An attribute list (RFC 8216, 4.2), quotes taken off. Throws a {@link FormatError} when it is not one. */
export function attributesOf(text: string, where: string): Map<string, string> {
  const attributes = new Map<string, string>()
  const one = /([A-Z0-9-]+)=(?:"([^"]*)"|([^",\s]+))(,|$)/y
  while (one.lastIndex < text.length) {
    const at = one.lastIndex
    const match = one.exec(text)
    if (!match) throw new FormatError(`${where}: '${text.slice(at)}' is not an attribute list`)
    attributes.set(match[1]!, match[2] ?? match[3]!)
  }
  return attributes
}
