/**
 * Runs in the operator's browser: puts a new report in every two seconds. When the control center itself falls silent, the
 * page says so, and greys what it last knew. The instants come with the answers, so that the page reads no clock of its own.
 */
export const PAGE_SCRIPT = `
const report = document.getElementById('report')
const lost = document.getElementById('lost')
let missed = 0
async function refresh() {
  try {
    const answer = await fetch('/report', { signal: AbortSignal.timeout(3000), cache: 'no-store' })
    if (!answer.ok) throw new Error('answered ' + answer.status)
    report.innerHTML = await answer.text()
    missed = 0
  } catch {
    missed += 1
  }
  lost.hidden = missed === 0
  report.classList.toggle('old', missed > 0)
  AbortSignal.timeout(2000).addEventListener('abort', refresh, { once: true })
}
refresh()
`
