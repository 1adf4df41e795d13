/** What the edge tells at `/listen.json`. */
export type Station = {
  station: { id: string; name: string; renditions: { id: string; bitrateKbps: number; channels: number }[] }
  controlPublicUrl: string | null
}

/** Asks until there is an answer: the page may be opened before the edge knows its station. */
export async function fetchStation(): Promise<Station> {
  for (;;) {
    try {
      const answer = await fetch('listen.json', { signal: AbortSignal.timeout(5_000) })
      if (answer.ok) return (await answer.json()) as Station
    } catch {
      // Asked again below.
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000))
  }
}

/** Hues that are calm in light and dark. */
const HUES = [262, 285, 235, 205, 178, 158, 325, 52]

/** A hue of its own for each station, from its id, so that the page needs no settings to look like itself. */
export function hueOf(id: string): number {
  let hash = 0
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)!) >>> 0
  return HUES[hash % HUES.length]!
}
