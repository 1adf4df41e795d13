import type { Observation, SegmentSeen } from './observation.ts'

export type Dispute = { rendition: string; segment: number; versions: { id: string; seen: SegmentSeen }[] }

/** The newest segment of each rendition that two slicers at least have handed out, and not alike. */
export function disputes(observations: readonly Observation[]): Dispute[] {
  const found = new Map<string, Dispute>()
  for (const { id, segments } of observations) {
    for (const seen of segments) {
      const key = `${seen.rendition}/${seen.segment}`
      const dispute = found.get(key) ?? { rendition: seen.rendition, segment: seen.segment, versions: [] }
      if (!dispute.versions.some((version) => version.id === id)) dispute.versions.push({ id, seen })
      found.set(key, dispute)
    }
  }
  const newest = new Map<string, Dispute>()
  for (const dispute of found.values()) {
    if (dispute.versions.length < 2) continue
    if (dispute.segment > (newest.get(dispute.rendition)?.segment ?? -1)) newest.set(dispute.rendition, dispute)
  }
  return [...newest.values()].filter(({ versions }) => new Set(versions.map(({ seen }) => seen.sha256)).size > 1)
}

export type Settlement = { wrong: Map<string, string>; unsettled: string | null }

/**
 * Who is wrong in a dispute, with the reason. Playout's hash of the frames decides; while playout cannot be asked
 * (null) more than half of the slicers do; an even dispute takes nobody out, for the right one could be the one to go.
 */
export function settle(dispute: Dispute, playoutSha256: string | null): Settlement {
  const name = `${dispute.rendition}/${dispute.segment}`
  const wrong = new Map<string, string>()
  if (playoutSha256 !== null) {
    for (const { id, seen } of dispute.versions) {
      if (seen.framesSha256 !== playoutSha256) wrong.set(id, `its segment ${name} is not made of playout's frames`)
    }
    if (wrong.size > 0) return { wrong, unsettled: null }
  }
  const votes = new Map<string, number>()
  for (const { seen } of dispute.versions) votes.set(seen.sha256, (votes.get(seen.sha256) ?? 0) + 1)
  const majority = [...votes].find(([, count]) => count * 2 > dispute.versions.length)?.[0]
  if (majority === undefined)
    return { wrong, unsettled: `the slicers differ about segment ${name}, and no one can settle it` }
  for (const { id, seen } of dispute.versions) {
    if (seen.sha256 !== majority) wrong.set(id, `its segment ${name} differs from that of most slicers`)
  }
  return { wrong, unsettled: null }
}
