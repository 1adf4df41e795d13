import { useState } from 'preact/hooks'

/** Puts a text into the clipboard, and says whether that worked. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('Copy')
  const copy = (): void => {
    // Over plain http from another machine there is no clipboard: then the person marks the text.
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
    writing.then(
      () => setSaid('Copied'),
      () => setSaid('Mark it by hand'),
    )
    setTimeout(() => setSaid('Copy'), 2_000)
  }
  return (
    <button type="button" class="quiet copy" aria-label={`Copy ${what}`} onClick={copy}>
      {said}
    </button>
  )
}
