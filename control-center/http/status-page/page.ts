import { html, type Markup } from './html.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --faint: #667; --paper: #f6f6f3; --card: #fff; --line: #ddd; --good: #187a3c; --warn: #9a6200; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e9eaec; --faint: #9aa0a8; --paper: #131519; --card: #1c1f25; --line: #30343c; --good: #5cc785; --warn: #e0a93c; --bad: #ff7b70 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif }
header, main { max-width: 68rem; margin: 0 auto; padding: 1rem }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--faint); margin: 0 0 .5rem }
a { color: inherit } nav { margin-left: auto; display: flex; gap: 1rem; font-size: .9rem }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; overflow-x: auto }
.wide { grid-column: 1 / -1 } .title { font-size: 1.35rem; font-weight: 600 } .faint { color: var(--faint) } .small { font-size: .88rem }
.good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) } .mark { font-weight: 700 }
.alarms { border-left: .35rem solid var(--bad) } .calm { border-left: .35rem solid var(--good) } .alarms ul { margin: 0; padding-left: 1.1rem }
table { border-collapse: collapse; width: 100%; font-size: .93rem } th { text-align: left; font-weight: 500; color: var(--faint) }
th, td { padding: .3rem .9rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top } tr:first-child th { border-top: 0 }
#lost { position: sticky; top: 0; background: var(--bad); color: #fff; padding: .6rem 1rem; text-align: center; font-weight: 600 }
.old { opacity: .45 }`

/** The operator's page: works without the network and, but for the refreshing, without a script. */
export function statusPage(stationName: string, report: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${stationName} · operations</title>
<link rel="icon" href="data:,">
<style>${{ markup: STYLE }}</style>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body>
<div id="lost" role="alert" hidden>The control center does not answer. What you see below is old.</div>
<header><h1>${stationName}</h1><span class="faint">operations</span>
<nav><a href="/api/rundown">rundown</a><a href="/api/as-run">as-run</a><a href="/api/library">library</a><a href="/docs">API</a><a href="/people">people</a><a href="/sign-in">account</a></nav></header>
<main id="report">${report}</main>
<script src="/page.js"></script>
</body>
</html>`.markup
}
