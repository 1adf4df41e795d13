/** `/sign-in`: the form; and for who is signed in, password and ways out. */
export const SIGN_IN_SCRIPT = `
import { ask, onAct } from './api.js'

const part = (id) => document.getElementById(id)

/** Only to pages of this very host. */
function nextPage(roles) {
  const wanted = new URLSearchParams(location.search).get('next')
  if (wanted !== null) {
    const url = new URL(wanted, location.origin)
    if (url.origin === location.origin) return url.pathname + url.search
  }
  if (roles.includes('admin')) return '/people'
  return roles.includes('anchor') ? '/studio' : '/'
}

function show({ person, setupNeeded }) {
  part('setup').hidden = !setupNeeded
  part('sign-in').hidden = person !== null
  part('account').hidden = person === null
  if (person === null) return
  part('who').textContent = person.name + ' (' + person.roles.join(', ') + ')'
  part('current-label').hidden = !person.hasPassword
  part('people-link').hidden = !person.roles.includes('admin')
}

onAct(part('sign-in'), async () => {
  const { person } = await ask('POST', '/api/session', { name: part('name').value, password: part('password').value })
  location.assign(nextPage(person.roles))
})
onAct(part('password-form'), async () => {
  const current = part('current').value
  show(await ask('POST', '/api/session/password', { password: part('new-password').value, ...(current === '' ? {} : { current }) }))
  part('password-form').reset()
  part('changed').hidden = false
})
const leave = (everywhere) => async () => {
  await ask('DELETE', '/api/session?everywhere=' + everywhere)
  location.reload()
}
onAct(part('sign-out'), leave(false))
onAct(part('sign-out-everywhere'), leave(true))
show(await ask('GET', '/api/session'))
`

/** `/link/<token>`: signs in when the button is pressed, so that a messenger's preview does not. */
export const LINK_SCRIPT = `
import { ask, onAct } from './api.js'

const token = decodeURIComponent(location.pathname.split('/')[2])
const form = document.querySelector('form')
const value = (id) => document.getElementById(id)?.value
onAct(form, async () => {
  const chosen = form.id === 'first-admin' ? { name: value('name'), password: value('password') } : {}
  const { person } = await ask('POST', '/api/session/link', { token, ...chosen })
  location.replace(person.roles.includes('admin') ? '/people' : person.roles.includes('anchor') ? '/studio' : '/')
})
`
