import Type from 'typebox'
import type { App } from '../server.ts'
import { html } from '../status-page/html.ts'
import type { World } from '../world.ts'
import { API_SCRIPT } from './api-script.ts'
import { KEYS_SCRIPT } from './keys-script.ts'
import { PAGE_POLICY, page, STYLE } from './layout.ts'
import { PEOPLE_SCRIPT } from './people-script.ts'
import { LINK_SCRIPT, SIGN_IN_SCRIPT } from './sign-in-script.ts'
import { TOKENS_SCRIPT } from './tokens-script.ts'

const FILES = {
  'style.css': STYLE,
  'api.js': API_SCRIPT,
  'sign-in.js': SIGN_IN_SCRIPT,
  'link.js': LINK_SCRIPT,
  'people.js': PEOPLE_SCRIPT,
  'keys.js': KEYS_SCRIPT,
  'tokens.js': TOKENS_SCRIPT,
}
const hidden = { schema: { hide: true }, config: { allow: 'anyone' } } as const

/** The pages for accounts: `/sign-in`, `/link/<token>`, `/people`. */
export function accountPages(app: App, world: World): void {
  for (const [name, text] of Object.entries(FILES))
    app.get(`/accounts/${name}`, hidden, (_request, reply) =>
      reply
        .type(name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8')
        .serializer(String)
        .send(text),
    )
  const pages = {
    '/sign-in': () => signInPage(world.station().name),
    '/people': () => peoplePage(world.station().name),
  }
  for (const [path, render] of Object.entries(pages))
    app.get(path, hidden, (_request, reply) => asPage(reply).send(render()))
  app.get(
    '/link/:token',
    { ...hidden, schema: { hide: true, params: Type.Object({ token: Type.String() }) } },
    (request, reply) =>
      asPage(reply).send(linkPage(world.station().name, world.accounts.signIn.isFirstAdminLink(request.params.token))),
  )
}

type Page = {
  type(type: string): Page
  header(name: string, value: string): Page
  serializer(work: (text: string) => string): Page
}
const asPage = <Reply extends Page>(reply: Reply): Reply =>
  reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).serializer(String) as Reply

const signInPage = (station: string): string =>
  page(
    `${station} · sign in`,
    'sign-in.js',
    html`<header class="narrow"><h1>${station}</h1></header>
<main class="narrow">
<section id="setup" hidden><h2>There is no admin yet</h2><p>Open the link «First admin», which was printed when the station was started. It also lies in the file <code>first-admin-link</code> in the control center's data folder.</p></section>
<section><h2>Sign in</h2>
<form id="sign-in" hidden>
<label>Name <input id="name" autocomplete="username" required maxlength="200"></label>
<label>Password <input id="password" type="password" autocomplete="current-password" required maxlength="1024"></label>
<button class="main">Sign in</button>
</form>
<div id="account" hidden>
<p>You are signed in: <b id="who"></b></p>
<p><a href="/">Status</a> · <a href="/studio">Studio</a> · <a href="/recordings">Recordings</a><span id="people-link"> · <a href="/people">People</a></span></p>
<form id="password-form">
<label id="current-label">Present password <input id="current" type="password" autocomplete="current-password" maxlength="1024"></label>
<label>New password, ten characters or more <input id="new-password" type="password" autocomplete="new-password" minlength="10" maxlength="1024" required></label>
<p class="small faint">A few words in a row are easy to keep in mind and hard to guess.</p>
<button>Change password</button>
</form>
<p id="changed" class="good" role="status" hidden>Changed. All other sessions have ended.</p>
<p><button id="sign-out">Sign out</button></p><p><button id="sign-out-everywhere">Sign out everywhere</button></p>
</div>
</section>
</main>`,
  )

const linkPage = (station: string, isFirstAdmin: boolean): string =>
  page(
    `${station} · sign in`,
    'link.js',
    html`<header class="narrow"><h1>${station}</h1></header>
<main class="narrow"><section>
${
  isFirstAdmin
    ? html`<h2>The first admin</h2>
<form id="first-admin">
<label>Your name <input id="name" autocomplete="username" required maxlength="80"></label>
<label>Password, ten characters or more <input id="password" type="password" autocomplete="new-password" minlength="10" maxlength="1024" required></label>
<p class="small faint">A few words in a row are easy to keep in mind and hard to guess.</p>
<button class="main">Begin</button></form>`
    : html`<h2>Your personal link</h2>
<p>It signs you in without a password: keep it to yourself.</p>
<form id="personal"><button class="main">Sign in</button></form>`
}
</section></main>`,
  )

const peoplePage = (station: string): string =>
  page(
    `${station} · people`,
    'people.js',
    html`<header><h1>${station}</h1><span class="faint">people</span>
<nav><a href="/">Status</a><a href="/studio">Studio</a><a href="/recordings">Recordings</a><a href="/sign-in" id="who">Account</a></nav></header>
<main>
<section id="refused" hidden><p class="bad">This page is for admins.</p></section>
<div id="admin" hidden>
<div id="list"></div>
<section><h2>Add a person</h2><form id="add"></form></section>
<section><h2>API tokens</h2><div id="tokens"></div><div id="made-token"></div><h3>Make a token</h3><form id="add-token"></form></section>
<section><h2>Audit log</h2><div id="audit"></div><button id="older" hidden>Older</button></section>
</div>
</main>`,
  )
