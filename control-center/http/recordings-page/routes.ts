import { page } from '../accounts-pages/layout.ts'
import type { App } from '../server.ts'
import { html } from '../status-page/html.ts'
import type { World } from '../world.ts'
import { RECORDINGS_SCRIPT } from './script.ts'

/** As for the pages for accounts, with sound and pictures of our own. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const hidden = { schema: { hide: true }, config: { allow: 'anyone' } } as const

/** `/recordings`: what there is to hear again, and to hand out. */
export function recordingsPage(app: App, world: World): void {
  app.get('/accounts/recordings.js', hidden, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').serializer(String).send(RECORDINGS_SCRIPT),
  )
  app.get('/recordings', hidden, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .serializer(String)
      .send(
        page(
          `${world.station().name} · recordings`,
          'recordings.js',
          html`<header><h1>${world.station().name}</h1><span class="faint">recordings</span>
<nav><a href="/">Status</a><a href="/studio">Studio</a><a id="podcast" hidden>Podcast feed</a><a href="/sign-in">Account</a></nav></header>
<main>
<p id="state" class="small" role="status"></p>
<section id="ordering" hidden><h2>Record</h2><form id="order">
<label>Title <input id="title" required maxlength="300"></label>
<label class="inline">From <input id="from" type="datetime-local" step="1"></label>
<label class="inline">to <input id="until" type="datetime-local" step="1"></label>
<p class="small faint">Left empty, it begins now, and goes on until it is stopped. The past can be recorded as far back as the air is kept.</p>
<button class="main" id="record">Record</button></form></section>
<section id="catching" hidden><h2>Catch up</h2><form id="catchup">
<label class="inline">From <input id="catchup-from" type="datetime-local" step="1" required></label>
<label class="inline">to <input id="catchup-to" type="datetime-local" step="1"></label>
<button>Make a link</button></form><p id="catchup-link"></p></section>
<div id="list"></div>
<p id="none" class="faint" hidden>Nothing has been recorded yet.</p>
</main>`,
        ),
      ),
  )
}
