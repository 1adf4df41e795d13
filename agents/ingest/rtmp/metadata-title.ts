import type { AmfValue } from '../../../media/rtmp/amf0.ts'

const TITLE_NAMES = ['title', 'streamtitle', 'song', 'nowplaying']

/** The title that a data message tells, `artist - title` where it has both; null when it tells none. */
export function titleOfMetadata(name: string, values: readonly AmfValue[]): string | null {
  if (name !== 'onMetaData' && name !== 'onTextData' && name !== 'onCuePoint') return null
  const texts = new Map<string, string>()
  for (const value of values)
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date))
      for (const [property, text] of Object.entries(value))
        if (typeof text === 'string' && text.trim() !== '') texts.set(property.toLowerCase(), text.trim())
  const title = TITLE_NAMES.map((property) => texts.get(property)).find((text) => text !== undefined)
  if (title === undefined) return null
  const artist = texts.get('artist')
  return artist === undefined ? title : `${artist} - ${title}`
}
