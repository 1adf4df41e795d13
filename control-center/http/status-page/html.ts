/** Text made safe for HTML, in elements and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Markup that may be put in as it is. */
export type Markup = { markup: string }

/** A template whose values are escaped, but for markup made by this function; lists are joined, null leaves nothing. */
export function html(
  parts: TemplateStringsArray,
  ...values: (string | number | null | Markup | readonly Markup[])[]
): Markup {
  const text = parts.reduce((sofar, part, index) => sofar + (index > 0 ? asText(values[index - 1]!) : '') + part, '')
  return { markup: text }
}

function asText(value: string | number | null | Markup | readonly Markup[]): string {
  if (value === null) return ''
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value))
  if ('markup' in value) return value.markup
  return value.map(({ markup }) => markup).join('')
}
