import { html, type Markup } from '../status-page/html.ts'

/** Everything on these pages comes from here, and no other page may show them in a frame. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A page whose script asks the API for what it shows: the page itself is no secret. */
export function page(title: string, script: string, content: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/accounts/style.css">
<script type="module" src="/accounts/${script}"></script>
</head>
<body>
${content}
<noscript><p class="bad">This page needs JavaScript.</p></noscript>
</body>
</html>`.markup
}

export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --faint: #667; --paper: #f6f6f3; --card: #fff; --line: #ddd; --good: #187a3c; --bad: #b3261e; --accent: #234fa8 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9eaec; --faint: #9aa0a8; --paper: #131519; --card: #1c1f25; --line: #30343c; --good: #5cc785; --bad: #ff7b70; --accent: #8fb2ff } }
* { box-sizing: border-box } [hidden] { display: none !important }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif }
header, main { max-width: 60rem; margin: 0 auto; padding: 1rem } .narrow { max-width: 26rem }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap } nav { margin-left: auto; display: flex; gap: 1rem; align-items: baseline; font-size: .9rem }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1.05rem; margin: 0 0 .6rem } h3 { font-size: .9rem; color: var(--faint); margin: 1rem 0 .4rem } a { color: inherit }
section, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin-bottom: 1rem; overflow-x: auto }
details details, section details { margin: .5rem 0 } summary { cursor: pointer; font-weight: 600 }
label { display: block; margin: .5rem 0 } label.inline, fieldset label { display: inline-block; margin: .2rem .8rem .2rem 0 } fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0 }
input:not([type=checkbox]), select { font: inherit; width: 100%; max-width: 26rem; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--paper); color: var(--ink) }
.inline input:not([type=checkbox]), .inline select { width: auto } button { font: inherit; padding: .45rem .9rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--paper); color: var(--ink); cursor: pointer; margin: .2rem .4rem .2rem 0 }
button.main { background: var(--accent); color: var(--card); border-color: var(--accent) } button.bad { border-color: var(--bad) } button:disabled { opacity: .5 }
.faint { color: var(--faint) } .small { font-size: .88rem } .bad { color: var(--bad) } .good { color: var(--good) }
.once { border-left: .35rem solid var(--good); padding-left: .8rem; margin: .6rem 0 } code { overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .93rem } th { text-align: left; font-weight: 500; color: var(--faint) } th, td { padding: .3rem .9rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top }`
