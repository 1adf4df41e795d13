import type { ComponentChildren } from 'preact'

/** A part of the page with its name above it. */
export function Card({ title, name, children }: { title: string; name: string; children: ComponentChildren }) {
  return (
    <section class={`card ${name}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}
