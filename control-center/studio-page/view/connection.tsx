import type { Link } from '../microphone/messages.ts'
import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'

/** How well we reach the station, in one word and in figures. */
export function Connection({ studio: { sending, truth, session } }: { studio: Studio }) {
  const { link } = sending
  const sender = session?.sender ?? null
  const word = link === null ? null : qualityOf(link)
  return (
    <Card title="Connection" name="connection">
      <p class={`quality ${word?.tone ?? 'faint'}`}>
        {word?.text ?? (sender === null ? 'No sender is connected' : `Your encoder: ${sender.format}`)}
      </p>
      <dl>
        {link !== null && (
          <>
            <Figure name="Round trip" value={link.roundTripMs === null ? '–' : `${Math.round(link.roundTripMs)} ms`} />
            <Figure name="Waits to be sent" value={`${link.queuedMs} ms`} />
            <Figure name="Never sent" value={seconds(link.droppedPieces * 20)} />
            <Figure name="Reconnections" value={String(link.reconnections)} />
          </>
        )}
        {sender !== null && (
          <>
            <Figure name="In hand at the station" value={`${Math.round(sender.depthMs)} ms`} />
            <Figure name="Clock drift" value={`${Math.round(sender.driftPpm)} ppm`} />
            <Figure name="Lost and found again" value={String(sender.losses)} />
          </>
        )}
      </dl>
      {sender?.problems.map((problem) => (
        <p key={problem} class="warn">
          {problem}
        </p>
      ))}
      <p class="faint">{KNOWN_BY[truth.by ?? 'nobody']}</p>
    </Card>
  )
}

const KNOWN_BY = {
  'control-center': 'The state above comes from the engine by the control center.',
  ingest: 'The control center does not answer; the state above comes from the engine by the ingest.',
  nobody: 'Nobody answers: the state is not known.',
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

const seconds = (ms: number): string => (ms === 0 ? 'nothing' : `${(ms / 1_000).toFixed(1)} s`)

function qualityOf(link: Link): { tone: 'good' | 'warn' | 'bad'; text: string } {
  if (link.state === 'waiting') return { tone: 'bad', text: `Lost: ${link.reason} It connects again by itself.` }
  if (link.state !== 'open') return { tone: 'warn', text: link.reason }
  if (link.queuedMs > 400) return { tone: 'bad', text: 'Too slow: your network does not keep up' }
  if (link.queuedMs > 100 || (link.roundTripMs ?? 0) > 300) return { tone: 'warn', text: 'Slow, but heard' }
  return { tone: 'good', text: 'Good' }
}
