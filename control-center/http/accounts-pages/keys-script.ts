/** The push keys of one person, on `/people`. */
export const KEYS_SCRIPT = String.raw`
import { ask, button, element, field, onAct, once } from './api.js'
import { showAudit } from './tokens.js'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const slotText = ({ days, start, end }) => (days.length === 7 ? 'daily' : days.join(' ')) + ' ' + start + '–' + end
const slotsText = (slots) => (slots === null ? 'always' : slots.map(slotText).join(', '))

/** Rows of days, start and end; no row: always. */
function slotsInput(slots) {
  const rows = element('div')
  const readers = new Map()
  const add = (slot) => {
    const days = DAYS.map((day) => element('input', { type: 'checkbox', name: day, checked: slot.days.includes(day) }))
    const start = element('input', { value: slot.start, size: 5, pattern: '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?', required: true })
    const end = element('input', { value: slot.end, size: 5, pattern: '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?|24:00', required: true })
    const row = element('fieldset', {}, days.map((day) => element('label', {}, day, ' ' + day.name)), field('from', start, true), field('to', end, true),
      element('button', { type: 'button', onclick: () => row.remove() }, 'Leave out'))
    readers.set(row, () => ({ days: days.filter((day) => day.checked).map((day) => day.name), start: start.value, end: end.value }))
    rows.append(row)
  }
  for (const slot of slots ?? []) add(slot)
  const more = element('button', { type: 'button', onclick: () => add({ days: DAYS, start: '20:00', end: '22:00' }) }, 'Limit to a slot of the week')
  return { part: element('div', {}, rows, more), clear: () => rows.replaceChildren(), slots: () => (rows.children.length === 0 ? null : [...rows.children].map((row) => readers.get(row)())) }
}

function keyRow(person, key, changed) {
  const path = '/api/people/' + person.id + '/keys/' + key.keyId
  const slots = slotsInput(key.slots)
  const automatic = element('input', { type: 'checkbox', checked: key.goLive === 'automatic' })
  const form = element('form', {}, field('On air by itself as soon as it is ready', automatic, true), slots.part, element('button', { className: 'main' }, 'Save key'))
  const signed = element('div')
  const row = element('details', {},
    element('summary', {}, key.label + ' ', element('span', { className: 'small faint' }, key.keyId + ' · ' + key.goLive + ' · ' + slotsText(key.slots) + (key.srtPort === null ? '' : ' · SRT port ' + key.srtPort))),
    form,
    button('Sign an address for a day', async () => {
      const { streamName } = await ask('POST', path + '/signed', {})
      signed.replaceChildren(once([['Stream name (RTMP key)', streamName]]))
      await showAudit()
    }),
    button('Revoke key', async () => {
      await ask('DELETE', path)
      await changed()
    }, { className: 'bad' }), signed)
  onAct(form, async () => {
    await ask('PATCH', path, { goLive: automatic.checked ? 'automatic' : 'manual', slots: slots.slots() })
    await changed()
  })
  return row
}

export function keysPart(person, changed) {
  const label = element('input', { required: true, maxLength: 80, placeholder: 'OBS at home' })
  const automatic = element('input', { type: 'checkbox' })
  const slots = slotsInput(null)
  const srt = element('input', { type: 'number', min: 1024, max: 65535, placeholder: 'no SRT' })
  const shown = element('div')
  const form = element('form', {}, field('Label', label), field('On air by itself as soon as it is ready', automatic, true), slots.part, field('SRT port', srt), element('button', { className: 'main' }, 'Make key'))
  const adding = element('details', {}, element('summary', {}, 'Make a push key'), form)
  onAct(form, async () => {
    const made = await ask('POST', '/api/people/' + person.id + '/keys', {
      label: label.value, goLive: automatic.checked ? 'automatic' : 'manual', slots: slots.slots(),
      srt: srt.value === '' ? null : { port: Number(srt.value) },
    })
    form.reset()
    slots.clear()
    adding.open = false
    rows.append(keyRow(person, made.key, changed))
    shown.replaceChildren(once([['Push key ' + made.key.label, made.pushKey], ...(made.srt === null ? [] : [['SRT passphrase, port ' + made.srt.port, made.srt.passphrase]])]))
    await showAudit()
  })
  const rows = element('div', {}, person.keys.map((key) => keyRow(person, key, changed)))
  return element('div', {}, element('h3', {}, 'Push keys'), rows, shown, adding)
}
`
