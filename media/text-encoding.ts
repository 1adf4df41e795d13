/** Encodings that tags and playlists come in without saying so. */
export type TextEncoding = 'utf-8' | 'gb18030' | 'windows-1251' | 'shift_jis' | 'windows-1252'

/** The text of bytes of unknown encoding. Never throws: what fits nothing is read as Western European. */
export function decodeText(bytes: Uint8Array): string {
  return decodeAs(encodingOf(bytes), bytes)
}

/** Some releases of Node read windows-1252 as ISO 8859-1, where 80 to 9F are control characters: those are ours. */
const WINDOWS_1252_80_TO_9F = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** The text of bytes of a known encoding; what does not fit becomes U+FFFD. */
export function decodeAs(encoding: TextEncoding, bytes: Uint8Array): string {
  if (encoding !== 'windows-1252') return new TextDecoder(encoding).decode(bytes)
  const text = Buffer.from(bytes).toString('latin1')
  return text.replace(/[\u0080-\u009f]/g, (letter) => WINDOWS_1252_80_TO_9F[letter.charCodeAt(0) - 0x80]!)
}

/**
 * The most likely encoding of a text, by the shape of its bytes; more text is better evidence. The order of questions:
 * UTF-8 proves itself; bytes 80 to 9F begin characters in Shift-JIS only; Cyrillic is words of letters in believable case;
 * Chinese is pairs, most of them among the 3,755 commonest characters; the rest is Western European, whose accents
 * stand alone among plain letters.
 */
export function encodingOf(bytes: Uint8Array): TextEncoding {
  if (fits('utf-8', bytes)) return 'utf-8'
  if (isWestern(bytes)) return 'windows-1252'
  if (isJapanese(bytes)) return 'shift_jis'
  const chinese = commonChineseShare(bytes)
  const cyrillic = cyrillicShare(bytes, chinese > 0)
  if (cyrillic > 0.6 && cyrillic >= chinese) return 'windows-1251'
  return chinese > 0.4 ? 'gb18030' : 'windows-1252'
}

function fits(encoding: TextEncoding, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Accents are single bytes from C0 on, beside plain letters: Motörhead, Café, Sigur Rós. */
function isWestern(bytes: Uint8Array): boolean {
  let single = 0
  let grouped = 0
  for (const run of runsOfHighBytes(bytes)) {
    const besideLetter = isLetter(bytes[run.from - 1]) || isLetter(bytes[run.until])
    if (run.until - run.from === 1 && besideLetter && bytes[run.from]! >= 0xc0) single++
    else grouped += run.until - run.from
  }
  return single > 0 && grouped <= single / 2
}

/** Valid, and with kana, or with characters that begin with bytes that neither Chinese nor Cyrillic text uses much. */
function isJapanese(bytes: Uint8Array): boolean {
  if (!fits('shift_jis', bytes)) return false
  const text = new TextDecoder('shift_jis').decode(bytes)
  const kana = countOf(text, /[\u3041-\u30ff]/g)
  const halfWidth = countOf(text, /[\uff61-\uff9f]/g)
  const leads = bytes.filter((byte) => byte >= 0x81 && byte <= 0x9f).length
  const wide = countOf(text, /[\u0100-\uff60\uffa0-\uffff]/g)
  return leads > 0 && halfWidth <= wide / 4 && (kana > 0 || leads >= wide * 0.7)
}

/**
 * How much of the high bytes stands in words as Russian is written: all small, a capital first, or all capital. Pairs of
 * capitals are common Chinese characters too: where the text could be Chinese, capitals must also be pronounceable.
 */
function cyrillicShare(bytes: Uint8Array, couldBeChinese: boolean): number {
  let believable = 0
  let all = 0
  for (const run of runsOfHighBytes(bytes)) {
    const length = run.until - run.from
    all += length
    if (isLetter(bytes[run.from - 1]) || isLetter(bytes[run.until])) continue
    const decoded = new TextDecoder('windows-1251').decode(bytes.subarray(run.from, run.until))
    const word = decoded.replace(/[«»“”„–—№…]/g, '')
    const small = /^[А-ЯЁІЇЄҐЎ]?[а-яёіїєґў]+$/.test(word)
    const capital = /^[А-ЯЁІЇЄҐЎ]+$/.test(word) && !(couldBeChinese && /[БВГДЖЗЙКЛМНПРСТФХЦЧШЩЪЬ]{3}/.test(word))
    if (small || capital) believable += length
  }
  return all ? believable / all : 0
}

/** How many of the pairs are common Chinese characters (GB 2312, level 1: first byte B0 to D7) or Chinese punctuation. */
function commonChineseShare(bytes: Uint8Array): number {
  if (!fits('gb18030', bytes)) return 0
  let pairs = 0
  let common = 0
  for (let n = 0; n < bytes.length; n++) {
    const lead = bytes[n]!
    if (lead < 0x81) continue
    const trail = bytes[++n] ?? 0
    pairs++
    if (trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || lead === 0xa1 || lead === 0xa3)) common++
  }
  return pairs ? common / pairs : 0
}

function runsOfHighBytes(bytes: Uint8Array): { from: number; until: number }[] {
  const runs: { from: number; until: number }[] = []
  for (let n = 0; n < bytes.length; n++) {
    if (bytes[n]! < 0x80) continue
    const from = n
    while (n < bytes.length && bytes[n]! >= 0x80) n++
    runs.push({ from, until: n })
  }
  return runs
}

const isLetter = (byte: number | undefined): boolean => byte !== undefined && /[A-Za-z]/.test(String.fromCharCode(byte))
const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
