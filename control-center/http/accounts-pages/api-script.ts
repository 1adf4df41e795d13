/** What the pages' scripts share: asking the API, making elements, showing what failed, and showing a secret once. */
export const API_SCRIPT = `
let csrf = null

export async function ask(method, path, body) {
  const headers = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (csrf !== null && method !== 'GET') headers['x-airtight-csrf'] = csrf
  const answer = await fetch(path, {
    method, headers, cache: 'no-store', signal: AbortSignal.timeout(15000),
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const result = await answer.json()
  if (!answer.ok) {
    const places = (result.problems ?? []).map(({ path, message }) => path + ' ' + message).join('; ')
    throw new Error([result.message, places, result.advice].filter(Boolean).join(' '))
  }
  if ('csrf' in result) csrf = result.csrf
  return result
}

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    // So that a form that is reset shows again what it began with.
    if (name === 'checked') made.defaultChecked = value
    else if (name === 'value' && tag === 'input') made.defaultValue = value
    else if (name in made) made[name] = value
    else made.setAttribute(name, value)
  }
  made.append(...children.flat().filter((child) => child !== null))
  return made
}

export const field = (text, input, inline = false) => element('label', { className: inline ? 'inline' : '' }, text + ' ', input)

/** Runs when the form is sent, or the button pressed: says what failed, and takes no second press meanwhile. */
export function onAct(actor, work) {
  const complaint = element('p', { className: 'bad', role: 'alert', hidden: true })
  actor.after(complaint)
  actor.addEventListener(actor.tagName === 'FORM' ? 'submit' : 'click', async (event) => {
    event.preventDefault()
    const buttons = actor.tagName === 'FORM' ? [...actor.querySelectorAll('button')] : [actor]
    for (const button of buttons) button.disabled = true
    complaint.hidden = true
    try {
      await work()
    } catch (error) {
      complaint.textContent = error.message
      complaint.hidden = false
    } finally {
      for (const button of buttons) button.disabled = false
    }
  })
}

/** A button with what it does and its complaint beside it. */
export function button(text, work, properties = {}) {
  const made = element('button', { type: 'button', ...properties }, text)
  const place = element('span', {}, made)
  onAct(made, work)
  return place
}

/** What is shown this once. */
export function once(lines) {
  return element('div', { className: 'once' }, element('p', {}, 'Copy this now: it is not shown again.'),
    lines.map(([name, secret]) => element('p', {}, name + ': ', element('code', {}, secret), ' ',
      button('Copy', () => navigator.clipboard.writeText(secret)))))
}

export const localTime = (ms) => new Date(ms).toLocaleString()
`
