import type { NodeBriefing } from '../../schemas/nodes.ts'

/** A slicer that listeners may be sent to. */
export type Origin = {
  id: string
  /** http://address:port, no trailing slash. */
  url: string
}

/** The serving slicers in the briefing's order; one whose address is not known is left out, since nobody can be sent there. */
export function servingOrigins(briefing: NodeBriefing): Origin[] {
  const urls = new Map(briefing.peers.filter((peer) => peer.role === 'slicer').map((peer) => [peer.id, peer.url]))
  return briefing.serving.flatMap((id) => {
    const url = urls.get(id)
    return url === undefined ? [] : [{ id, url }]
  })
}

/** Where past hours and podcasts come from: http://address:port each. */
export const archiveUrls = (briefing: NodeBriefing | null): string[] =>
  (briefing?.peers ?? []).filter(({ role }) => role === 'archive').map(({ url }) => url)
