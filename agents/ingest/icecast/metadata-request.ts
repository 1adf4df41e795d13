import { decodeTitleText } from '../../../media/title-text.ts'

/** What a source client says is playing now. */
export type MetadataRequest = { title: string }

/**
 * Reads `/admin/metadata?mode=updinfo&mount=…&song=…[&charset=…]`, or with `artist` and `title` instead of `song`. Null: the target
 * is something else.
 */
export function parseMetadataTarget(target: string): MetadataRequest | null {
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  if (path !== '/admin/metadata' && path !== '/admin.cgi') return null
  const fields = new Map(
    target
      .slice(path.length + 1)
      .split('&')
      .map((field) => {
        const equals = field.indexOf('=')
        return equals < 0 ? [field, ''] : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)]
      }),
  )
  if (fields.get('mode') !== 'updinfo') return null
  const encoding = percentDecoded(fields.get('charset') ?? '').toString('latin1')
  const text = (name: string): string => decodeTitleText(percentDecoded(fields.get(name) ?? ''), encoding)
  const title = [text('artist'), text('song') || text('title')].filter((part) => part !== '').join(' - ')
  return { title }
}

/** Bytes, as the encoding of the text is not known yet. What is no escape stays as it is. */
function percentDecoded(text: string): Buffer {
  const latin1 = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}
