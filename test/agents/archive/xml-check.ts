/**
 * The text of every element of a path (`rss/channel/item/title`) in a document without comments, CDATA and processing instructions but the
 * first. Throws on what is not well-formed (XML 1.0, 2.1): an open tag, a character that may not stand there, an entity that is not numeric.
 */
export function textsOf(document: string, path: string): string[] {
  if (/\p{Surrogate}/u.test(document)) throw new Error('half a surrogate pair')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(document)) throw new Error('a forbidden character')
  const open: string[] = []
  const texts: string[] = []
  const token = /<\?xml [^?]*\?>|<(\/?)([A-Za-z:]+)((?:\s[A-Za-z:]+="[^<"]*")*)\s*(\/?)>|([^<]+)/y
  for (let at = 0; at < document.length; at = token.lastIndex) {
    token.lastIndex = at
    const match = token.exec(document)
    if (!match) throw new Error(`not a tag: ${document.slice(at, at + 40)}`)
    const [, closes, name, attributes, empty, text] = match
    for (const piece of [attributes, text])
      if (piece && /&(?!#\d+;)/.test(piece)) throw new Error(`an entity in ${piece}`)
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error('an end of CDATA')
      if (open.join('/') === path)
        texts.push(text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))))
    } else if (closes) {
      if (open.pop() !== name) throw new Error(`${name} is closed but not open`)
    } else if (name && !empty) open.push(name)
  }
  if (open.length > 0) throw new Error(`${open.join('/')} is left open`)
  return texts
}
