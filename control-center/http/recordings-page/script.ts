/** `/recordings`: the list, a player for each, and what may be done with it. Refreshed as long as something is being recorded. */
export const RECORDINGS_SCRIPT = `
import { ask, button, element, field, localTime, onAct } from './api.js'

const byId = (id) => document.getElementById(id)
const list = byId('list')
const rows = new Map()
let may = { record: false, publish: false }

const two = (number) => String(number).padStart(2, '0')
function lengthText(ms) {
  const seconds = Math.round(ms / 1000)
  return Math.floor(seconds / 3600) + ':' + two(Math.floor(seconds / 60) % 60) + ':' + two(seconds % 60)
}
const sizeText = (bytes) => (bytes >= 1e9 ? (bytes / 1e9).toFixed(2) + ' GB' : (bytes / 1e6).toFixed(1) + ' MB')
const instant = (input) => (input.value === '' ? null : new Date(input.value).getTime())

/** A long show's file takes a while to be made when it is first asked for. */
async function download(path) {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const answer = await fetch(path, { method: 'HEAD', cache: 'no-store' })
    if (answer.ok) {
      element('a', { href: path, download: '' }).click()
      return
    }
    if (answer.status !== 503) throw new Error('The file can not be had (' + answer.status + ').')
    await new Promise((resolve) => AbortSignal.timeout(2000).addEventListener('abort', resolve, { once: true }))
  }
  throw new Error('The file is still being made. Try again later.')
}

function playerOf(path) {
  const picture = element('img', { src: path + '/waveform.svg', alt: 'Waveform', width: 600, height: 50, loading: 'lazy' })
  const player = element('audio', { controls: true, preload: 'none', src: path + '/audio.m4a' })
  picture.addEventListener('click', ({ offsetX }) => {
    if (Number.isFinite(player.duration)) player.currentTime = (offsetX / picture.clientWidth) * player.duration
  })
  return element('div', {}, picture, element('br'), player)
}

function publishing(recording, path) {
  const title = element('input', { value: recording.title, required: true, maxLength: 300 })
  const form = element('form', {}, field('Title', title), element('button', {}, 'Rename'))
  onAct(form, async () => {
    await ask('PATCH', path, { title: title.value })
    await refresh()
  })
  return element('details', {}, element('summary', {}, 'Change'), recording.state === 'recording' ? null : form,
    recording.state !== 'finished' ? null : button(recording.published ? 'Take out of the podcast' : 'Publish in the podcast', async () => {
      await ask('PATCH', path, { published: !recording.published })
      await refresh()
    }),
    button('Delete', async () => {
      if (!confirm('Delete «' + recording.title + '» for good?')) return
      await ask('DELETE', path)
      await refresh()
    }, { className: 'bad' }))
}

function rowOf(recording) {
  const path = '/api/recordings/' + recording.id
  const isRunning = recording.state === 'recording'
  const facts = [localTime(recording.fromMs), lengthText(recording.lengthMs), sizeText(recording.bytes), recording.anchorName, recording.published ? 'in the podcast' : '']
  return element('section', { id: recording.id },
    element('h2', {}, (isRunning ? '● ' : '') + recording.title),
    element('p', { className: 'small faint' }, facts.filter(Boolean).join(' · ')),
    element('p', { className: 'small ' + (recording.state === 'failed' ? 'bad' : isRunning ? 'good' : 'faint') }, recording.reason),
    recording.state === 'finished' ? playerOf(path) : null,
    recording.state === 'finished' ? element('p', {},
      button('Download m4a', () => download(path + '/audio.m4a')), button('Download mp3', () => download(path + '/audio.mp3')),
      element('a', { href: path + '/index.m3u8', className: 'small' }, 'HLS')) : null,
    isRunning && may.record ? button('Stop', async () => {
      await ask('POST', path + '/stop', {})
      await refresh()
    }) : null,
    may.publish ? publishing(recording, path) : null)
}

/** A row stays as it is while nothing has changed, so that what plays goes on playing. */
function show(recordings) {
  const wanted = new Set(recordings.map(({ id }) => id))
  for (const [id, { part }] of rows) if (!wanted.has(id)) { part.remove(); rows.delete(id) }
  for (const [index, recording] of recordings.entries()) {
    const text = JSON.stringify(recording)
    const known = rows.get(recording.id)
    if (known?.text !== text) {
      const part = rowOf(recording)
      if (known) known.part.replaceWith(part)
      rows.set(recording.id, { part, text })
    }
    const { part } = rows.get(recording.id)
    if (list.children[index] !== part) list.insertBefore(part, list.children[index] ?? null)
  }
  byId('none').hidden = recordings.length > 0
}

async function refresh() {
  const view = await ask('GET', '/api/recordings')
  may = view.may
  byId('ordering').hidden = !may.record
  byId('catching').hidden = view.catchupUrl === null || view.archive.oldestMs === null
  byId('catchup').dataset.url = view.catchupUrl ?? ''
  byId('podcast').hidden = false
  byId('podcast').href = view.podcastUrl
  const { archive } = view
  const kept = archive.oldestMs === null ? 'Nothing of the air is kept yet.' : 'The air is kept since ' + localTime(archive.oldestMs) + ' (' + sizeText(archive.airBytes) + ').'
  byId('state').textContent = [kept, sizeText(archive.diskFreeBytes) + ' of disk are free.', ...archive.alarms].join(' ')
  byId('state').classList.toggle('bad', !archive.ok || archive.alarms.length > 0)
  show(view.recordings)
  return view.recordings.some(({ state }) => state === 'recording')
}

async function watch() {
  try {
    await refresh()
  } catch (error) {
    byId('state').textContent = error.message
    byId('state').classList.add('bad')
  }
  AbortSignal.timeout(5000).addEventListener('abort', watch, { once: true })
}

onAct(byId('order'), async () => {
  await ask('POST', '/api/recordings', { title: byId('title').value, fromMs: instant(byId('from')), untilMs: instant(byId('until')) })
  byId('order').reset()
  await refresh()
})
onAct(byId('catchup'), async () => {
  const to = instant(byId('catchup-to'))
  const url = byId('catchup').dataset.url + '?from=' + instant(byId('catchup-from')) + (to === null ? '' : '&to=' + to)
  byId('catchup-link').replaceChildren(element('a', { href: url }, url))
})

const { person } = await ask('GET', '/api/session')
if (person === null) location.replace('/sign-in?next=/recordings')
else await watch()
`
