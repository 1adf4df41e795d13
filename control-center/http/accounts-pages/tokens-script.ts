/** API tokens and the audit log, on `/people`. */
export const TOKENS_SCRIPT = `
import { ask, button, element, field, localTime, onAct, once } from './api.js'

const cell = (...content) => element('td', {}, ...content)
const table = (headings, rows) => element('table', {}, element('tr', {}, headings.map((heading) => element('th', {}, heading))), rows)

const tokens = document.getElementById('tokens')
const form = document.getElementById('add-token')
const shown = document.getElementById('made-token')
const label = element('input', { required: true, maxLength: 80 })
const role = element('select', {}, ['operator', 'anchor', 'programmer', 'admin'].map((name) => element('option', {}, name)))
const days = element('input', { type: 'number', min: 1, max: 3660, value: 90, required: true })
form.append(field('Label', label), field('Role', role, true), field('Days', days, true), element('button', { className: 'main' }, 'Make token'))
onAct(form, async () => {
  const made = await ask('POST', '/api/tokens', { label: label.value, role: role.value, expiresInDays: Number(days.value) })
  form.reset()
  shown.replaceChildren(once([['API token ' + made.view.label, made.token]]))
  await showTokens()
})

export async function showTokens() {
  const { tokens: views } = await ask('GET', '/api/tokens')
  tokens.replaceChildren(views.length === 0 ? element('p', { className: 'faint' }, 'None.') : table(['label', 'role', 'made by', 'until', ''],
    views.map((view) => element('tr', {}, cell(view.label), cell(view.role), cell(view.createdBy),
      cell(element('span', { className: view.expired ? 'bad' : '' }, localTime(view.expiresMs))),
      cell(button('Revoke token', async () => {
        await ask('DELETE', '/api/tokens/' + view.id)
        await showTokens()
      }, { className: 'bad' }))))))
  await showAudit()
}

const audit = document.getElementById('audit')
const older = document.getElementById('older')
let next = null
const auditRow = (line) => element('tr', {}, cell(localTime(line.atMs)), cell(line.who.name || 'somebody', element('div', { className: 'small faint' }, line.from)),
  cell(line.action), cell(line.subject, element('div', { className: 'small faint' }, line.detail)),
  cell(element('span', { className: line.outcome === 'done' ? 'good' : 'bad' }, line.outcome)))

export async function showAudit() {
  const page = await ask('GET', '/api/audit?limit=50')
  next = page.next
  older.hidden = next === null
  audit.replaceChildren(table(['when', 'who', 'did', 'to', 'outcome'], page.lines.map(auditRow)))
}
onAct(older, async () => {
  const page = await ask('GET', '/api/audit?limit=50&before=' + next)
  next = page.next
  older.hidden = next === null
  audit.firstChild.append(...page.lines.map(auditRow))
})
`
