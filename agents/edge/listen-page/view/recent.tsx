import type { HeardItem } from '../now-playing.ts'
import { timeOfDay } from './words.ts'

const SHOWN_MAX = 7

export function Recent({ items }: { items: HeardItem[] }) {
  if (items.length === 0) return null
  return (
    <section class="recent">
      <h3>Just played</h3>
      <ol>
        {items.slice(0, SHOWN_MAX).map((item) => (
          <li key={`${item.itemId} ${item.startedAtMs}`}>
            <time dateTime={new Date(item.startedAtMs).toISOString()}>{timeOfDay(item.startedAtMs)}</time>
            <span class="what">
              {item.title}
              {item.artist && <em> {item.artist}</em>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
