import { FRAME_MS, msOfFrame } from '../../../media/timeline.ts'
import type { StationInfo } from '../../../schemas/markers.ts'
import type { StoredRecording } from '../recordings/recording-store.ts'

export const PODCAST_TYPE = 'application/rss+xml; charset=utf-8'
/** What podcast directories take for AAC in MP4. */
export const ENCLOSURE_TYPE = 'audio/x-m4a'
const ITEMS_MAX = 300

/**
 * The feed of published recordings, newest first: RSS 2.0 with the tags that podcast directories ask for (Apple, "A Podcaster's Guide to
 * RSS"). Lengths and types of enclosures are those of the files.
 *
 * @param publicUrl absolute address of an edge, without a slash at its end
 */
export function podcastFeed(station: StationInfo, publicUrl: string, recordings: readonly StoredRecording[]): string {
  const items = recordings
    .filter(({ published, state, m4aBytes }) => published && state === 'finished' && m4aBytes !== null)
    .slice(0, ITEMS_MAX)
    .map((recording) => item(recording, publicUrl))
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xml(station.name)}</title>
<link>${xml(publicUrl)}/</link>
<atom:link href="${xml(publicUrl)}/podcast.xml" rel="self" type="application/rss+xml"/>
<description>${xml(`Shows of ${station.name}`)}</description>
<language>en</language>
<itunes:author>${xml(station.name)}</itunes:author>
<itunes:explicit>false</itunes:explicit>
<itunes:type>episodic</itunes:type>
${items.join('')}</channel>
</rss>
`
}

function item(recording: StoredRecording, publicUrl: string): string {
  const { id, title, anchorName, fromFrame, untilFrame, m4aBytes } = recording
  const seconds = Math.round(((untilFrame! - fromFrame) * FRAME_MS) / 1000)
  return `<item>
<title>${xml(title)}</title>
<guid isPermaLink="false">${xml(id)}</guid>
<pubDate>${new Date(Math.round(msOfFrame(fromFrame))).toUTCString()}</pubDate>
<enclosure url="${xml(`${publicUrl}/podcast/${id}.m4a`)}" length="${m4aBytes}" type="${ENCLOSURE_TYPE}"/>
<itunes:duration>${seconds}</itunes:duration>
${anchorName === '' ? '' : `<itunes:author>${xml(anchorName)}</itunes:author>\n`}<itunes:explicit>false</itunes:explicit>
</item>
`
}

/** XML 1.0, 2.2: other characters may not stand in a document, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const xml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
