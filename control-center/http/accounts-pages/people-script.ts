/** `/people`: all that an admin does with people. */
export const PEOPLE_SCRIPT = `
import { ask, button, element, field, localTime, onAct, once } from './api.js'
import { keysPart } from './keys.js'
import { showAudit, showTokens } from './tokens.js'

const ROLES = ['admin', 'programmer', 'anchor', 'operator']
const list = document.getElementById('list')

export const rolesInput = (roles) => {
  const boxes = ROLES.map((role) => element('input', { type: 'checkbox', name: role, checked: roles.includes(role) }))
  const set = element('fieldset', {}, element('legend', {}, 'Roles'), boxes.map((box) => element('label', {}, box, ' ' + box.name)))
  return { set, roles: () => boxes.filter((box) => box.checked).map((box) => box.name) }
}

function linkPart(person) {
  const path = '/api/people/' + person.id + '/link'
  const shown = element('div')
  const days = element('input', { type: 'number', min: 1, max: 3660, placeholder: 'no end' })
  const state = element('p', { className: 'small' })
  const revoke = button('Revoke link', async () => {
    await ask('DELETE', path)
    shown.replaceChildren()
    tell(null)
    await showAudit()
  }, { className: 'bad' })
  const tell = (link) => {
    revoke.hidden = link === null
    state.textContent = link === null ? 'None.' : 'Made ' + localTime(link.createdMs)
      + (link.expiresMs === null ? ', without an end.' : ', until ' + localTime(link.expiresMs) + '.')
  }
  const make = button('Make a new link', async () => {
    const { path: made } = await ask('POST', path, { expiresInDays: days.value === '' ? null : Number(days.value) })
    shown.replaceChildren(once([['Personal link of ' + person.name, location.origin + made]]))
    const { people } = await ask('GET', '/api/people')
    tell(people.find(({ id }) => id === person.id).link)
    await showAudit()
  })
  tell(person.link)
  return element('div', {}, element('h3', {}, 'Personal link'), state,
    person.roles.includes('admin') ? element('p', { className: 'small faint' }, 'An admin signs in by password.') : element('div', {},
      field('Days', days, true), make, revoke), shown)
}

function personPart(person, isOpen) {
  const name = element('input', { value: person.name, required: true, maxLength: 80 })
  const password = element('input', { type: 'password', minLength: 10, maxLength: 1024, autocomplete: 'new-password', placeholder: person.hasPassword ? 'unchanged' : 'none yet' })
  const disabled = element('input', { type: 'checkbox', checked: person.disabled })
  const { set, roles } = rolesInput(person.roles)
  const form = element('form', {}, field('Name', name), set, field('New password', password), field('Barred: may not sign in or send', disabled, true), element('p', {}, element('button', { className: 'main' }, 'Save')))
  const part = element('details', { open: isOpen, id: person.id },
    element('summary', {}, person.name + ' ', element('span', { className: 'small ' + (person.disabled ? 'bad' : 'faint') },
      (person.disabled ? 'barred · ' : '') + person.roles.join(', ') + ' · ' + person.sessions + ' signed in · ' + person.keys.length + ' keys')),
    form, linkPart(person), keysPart(person, showPeople),
    element('h3', {}, 'Account'),
    button('Sign out everywhere', async () => {
      await ask('DELETE', '/api/people/' + person.id + '/sessions')
      await showPeople()
    }),
    button('Remove ' + person.name, async () => {
      if (!confirm('Remove ' + person.name + ', with all keys, the link and all sessions?')) return
      await ask('DELETE', '/api/people/' + person.id)
      await showPeople()
    }, { className: 'bad' }))
  onAct(form, async () => {
    await ask('PATCH', '/api/people/' + person.id, { name: name.value, roles: roles(), disabled: disabled.checked, ...(password.value === '' ? {} : { password: password.value }) })
    await showPeople()
  })
  return part
}

async function showPeople(openId = null) {
  const open = new Set([...list.querySelectorAll(':scope > details[open]')].map(({ id }) => id))
  const { people } = await ask('GET', '/api/people')
  list.replaceChildren(...people.map((person) => personPart(person, open.has(person.id) || person.id === openId)))
  await showAudit()
}

function adding() {
  const form = document.getElementById('add')
  const name = element('input', { required: true, maxLength: 80, id: 'add-name' })
  const password = element('input', { type: 'password', minLength: 10, maxLength: 1024, autocomplete: 'new-password', placeholder: 'none: comes in by a personal link' })
  const { set, roles } = rolesInput(['anchor'])
  form.append(field('Name', name), set, field('Password, ten characters or more', password), element('button', { className: 'main' }, 'Add'))
  onAct(form, async () => {
    const { person } = await ask('POST', '/api/people', { name: name.value, roles: roles(), password: password.value === '' ? null : password.value })
    form.reset()
    await showPeople(person.id)
  })
}

const { person } = await ask('GET', '/api/session')
if (person === null) location.replace('/sign-in?next=/people')
else if (!person.roles.includes('admin')) document.getElementById('refused').hidden = false
else {
  document.getElementById('who').textContent = person.name
  document.getElementById('admin').hidden = false
  adding()
  await showPeople()
  await showTokens()
}
`
