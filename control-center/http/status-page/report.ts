import { msOfSample } from '../../../media/timeline.ts'
import type { HeardItem, StatusAnswer } from '../../../schemas/api.ts'
import type { NodeView } from '../../../schemas/nodes.ts'
import type { PlacedItem } from '../../../schemas/playout.ts'
import { localTime } from '../../local-time.ts'
import { html, type Markup } from './html.ts'

const WARNINGS_SHOWN_MAX = 3

type Tone = 'good' | 'warn' | 'bad' | 'faint'

const RUNG_TONES: Record<string, Tone> = {
  live: 'good',
  scheduled: 'good',
  rotation: 'warn',
  emergency: 'bad',
  bed: 'bad',
}
const STATE_TONES: Record<NodeView['state'], Tone> = { serving: 'good', joining: 'warn', silent: 'bad', left: 'faint' }

/** The middle of the operator's page, at a glance: alarms, what is on air, where everything stands. */
export function statusReport(
  status: StatusAnswer,
  nodes: NodeView[],
  serving: string[],
  next: HeardItem | null,
): Markup {
  const { playout, redis, rundown, library } = status
  /** What can't be seen now is not shown in green. */
  const toned = (tone: Tone): Tone => (playout.problem ? 'faint' : tone)
  return html`<div class="grid">
${alarmsCard(status.alarms)}
${airCard(status, next)}
<section class="card"><h2>Playout</h2>
${playout.problem ? html`<p class="bad mark">Can't be seen. Last heard${agoOf(playout.ageMs)}.</p><p class="small">${sentence(playout.problem)}</p>` : null}
${playout.rung ? html`<p>Ladder: ${marked(toned(RUNG_TONES[playout.rung] ?? 'warn'), playout.rung)}</p>` : null}
${playout.lateMs === null ? null : html`<p>Lateness: ${marked(toned(playout.lateMs < 100 ? 'good' : 'warn'), `${Math.round(Math.max(0, playout.lateMs))} ms`)}</p>`}
<p class="small faint">frames lost ${playout.framesLost ?? '?'} · encoder restarts ${playout.encoderRestarts ?? '?'} · generation ${playout.generation ?? '?'}</p>
</section>
<section class="card"><h2>Rundown</h2>
<p>${rundown.hoursAhead === null ? marked('bad', 'none yet') : marked(rundown.hoursAhead > 20 ? 'good' : 'warn', `${rundown.hoursAhead.toFixed(1)} h ahead`)}</p>
<p class="small">${versionLine(status)}</p>
<p class="small faint">last plan: ${rundown.reason}</p>
${rundown.warnings.slice(0, WARNINGS_SHOWN_MAX).map((warning) => html`<p class="small warn">${warning}</p>`)}
${rundown.warnings.length > WARNINGS_SHOWN_MAX ? html`<p class="small warn">and ${rundown.warnings.length - WARNINGS_SHOWN_MAX} more: <a href="/api/rundown">rundown</a></p>` : null}
</section>
<section class="card"><h2>Library and store</h2>
<p>${library.playable} playable${library.problems ? html`, ${marked('warn', `${library.problems} set aside`)}` : null}</p>
${library.note ? html`<p class="small">${library.note}</p>` : null}
<p>Redis: ${redis.problem ? marked('bad', "can't be seen") : marked('good', 'there')}</p>
${redis.problem ? html`<p class="small">${sentence(redis.problem)} Nodes and rundown go on from memory and disk${redis.unwrittenRecords ? `; ${redis.unwrittenRecords} records wait to be written` : ''}.</p>` : null}
</section>
${nodesCard(nodes, serving, status)}
</div>`
}

function alarmsCard(alarms: string[]): Markup {
  if (alarms.length === 0)
    return html`<section class="card wide calm"><span class="good mark">All is well.</span></section>`
  return html`<section class="card wide alarms" role="alert"><h2>${alarms.length} ${alarms.length === 1 ? 'alarm' : 'alarms'}</h2>
<ul>${alarms.map((alarm) => html`<li>${alarm}</li>`)}</ul></section>`
}

function airCard({ playout, station, localTime: now }: StatusAnswer, next: HeardItem | null): Markup {
  const heading = playout.problem ? `On air, as last heard${agoOf(playout.ageMs)}` : 'On air'
  return html`<section class="card wide"><h2>${heading}</h2>
${playout.onAir ? itemLine(playout.onAir, 'title', placeOf(playout.onAir), station.timeZone) : html`<p class="title faint">${playout.problem ? 'not known' : 'nothing'}</p>`}
${next ? nextLine(next, playout.rung === 'live', station.timeZone) : null}
<p class="small faint">${now.slice(0, 10)} ${now.slice(11, 19)} ${station.timeZone}</p></section>`
}

function nextLine(next: HeardItem, isLive: boolean, timeZone: string): Markup {
  const place = { fromMs: next.startedAtMs, untilMs: next.endsAtMs }
  if (!isLive) return html`<p class="faint">next</p>${itemLine(next, '', place, timeZone)}`
  return html`<p class="faint">after live</p><div>${next.title}${next.artist ? ` · ${next.artist}` : ''}</div>`
}

type Place = { fromMs: number; untilMs: number }

const placeOf = ({ startSample, endSample }: PlacedItem): Place => ({
  fromMs: msOfSample(startSample),
  untilMs: msOfSample(endSample),
})

function itemLine(item: PlacedItem | HeardItem, style: string, { fromMs, untilMs }: Place, timeZone: string): Markup {
  const clock = (ms: number): string => localTime(ms, timeZone).slice(11, 19)
  // Nobody knows when somebody who is live will end.
  const when = item.kind === 'live' ? `since ${clock(fromMs)}` : `${clock(fromMs)} to ${clock(untilMs)}`
  const names = [item.title, item.artist].filter((name, index, all) => name !== '' && all.indexOf(name) === index)
  return html`<div class="${style}">${item.kind === 'live' ? html`${marked('bad', 'Live')} ` : null}${names.join(' · ')}</div>
<div class="small faint">${item.kind}${item.show ? ` · ${item.show}` : ''} · ${when}</div>`
}

function versionLine({ rundown, playout }: StatusAnswer): string {
  if (rundown.version === null) return ''
  if (playout.problem) return `version ${rundown.version}; what playout holds can't be seen`
  if (rundown.version === rundown.versionAtPlayout) return `version ${rundown.version}, held by playout`
  return `version ${rundown.version}; playout still holds ${rundown.versionAtPlayout ?? 'none'}`
}

function nodesCard(nodes: NodeView[], serving: string[], status: StatusAnswer): Markup {
  const pushes = new Map(status.playout.targets.map((target) => [target.id, target]))
  return html`<section class="card wide"><h2>Nodes: ${status.nodes.serving} serving of ${status.nodes.registered}, ${status.nodes.listeners} listeners</h2>
${
  nodes.length === 0
    ? html`<p class="faint">No node has registered yet.</p>`
    : html`<table><tr><th>node</th><th>state</th><th>why</th><th>push</th><th>last heard</th></tr>
${nodes.map(
  (node) => html`<tr><td>${node.id}<div class="small faint">${node.role} · ${node.address}:${node.httpPort}</div></td>
<td>${marked(STATE_TONES[node.state], node.state)}${node.role === 'slicer' && node.state !== 'serving' && serving.includes(node.id) ? html`<div class="small warn">still listed: no other serves</div>` : null}</td>
<td>${node.reason}${(node.heartbeat?.takenOut ?? []).map((out) => html`<div class="small warn">took ${out.id} out: ${out.reason}</div>`)}</td>
<td>${node.role === 'slicer' ? (status.playout.problem ? 'not seen' : (pushes.get(node.id)?.state ?? 'none')) : ''}</td>
<td>${node.lastHeartbeatAgeMs === null ? 'never' : `${(node.lastHeartbeatAgeMs / 1000).toFixed(1)} s ago`}</td></tr>`,
)}</table>`
}</section>`
}

/** A problem as a whole sentence, so that another one may follow it. */
const sentence = (problem: string): string => problem.replace(/\.?$/, '.')

const marked = (tone: Tone, text: string): Markup => html`<span class="mark ${tone}">${text}</span>`

function agoOf(ageMs: number | null): string {
  if (ageMs === null) return ' before this program started'
  return ageMs < 120_000 ? ` ${Math.round(ageMs / 1000)} s ago` : ` ${Math.round(ageMs / 60_000)} min ago`
}
