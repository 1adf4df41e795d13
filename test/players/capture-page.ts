/**
 * The page that the browser players run in: it plays an address into an `<audio>` element, whose sound an AudioWorklet collects. Served by
 * {@link ./browser.ts} beside the players' own scripts from the installed packages.
 */
export type PageMode = 'hls.js' | 'dash.js' | 'native'

export const capturePage = (mode: PageMode): string => `<!doctype html>
<meta charset="utf-8"><title>capture</title>
<audio id="audio" crossorigin="anonymous"></audio>
${mode === 'native' ? '' : `<script src="/${mode}"></script>`}
<script type="module">${captureScript(mode)}</script>`

export const collectorScript = `
registerProcessor('collector', class extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) this.port.postMessage([input[0].slice(), (input[1] ?? input[0]).slice()])
    return true
  }
})`

/** \`heard\` holds whole messages: 128 samples of each channel. Silence before the first sound is not kept. */
const captureScript = (mode: PageMode): string => `
const audio = document.getElementById('audio')
const url = new URLSearchParams(location.search).get('url')
const context = new AudioContext({ sampleRate: 48000 })
await context.audioWorklet.addModule('/collector.js')
const collector = new AudioWorkletNode(context, 'collector', { channelCount: 2, channelCountMode: 'explicit' })
const heard = []
const errors = []
let begun = false
collector.port.onmessage = ({ data }) => {
  begun ||= data[0].some((sample) => sample !== 0)
  if (begun) heard.push(data)
}
context.createMediaElementSource(audio).connect(collector).connect(context.destination)
audio.addEventListener('error', () => errors.push(audio.error?.message || 'media error ' + audio.error?.code))
globalThis.capture = {
  heardSeconds: () => (heard.length * 128) / 48000,
  errors,
  /** Interleaved 16-bit samples as base64, a part at a time. */
  take(from, count) {
    const part = heard.slice(from, from + count)
    const samples = new Int16Array(part.length * 256)
    part.forEach(([left, right], block) => {
      for (let i = 0; i < 128; i++) {
        samples[block * 256 + i * 2] = Math.max(-32768, Math.min(32767, Math.round(left[i] * 32768)))
        samples[block * 256 + i * 2 + 1] = Math.max(-32768, Math.min(32767, Math.round(right[i] * 32768)))
      }
    })
    let text = ''
    const bytes = new Uint8Array(samples.buffer)
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
    return btoa(text)
  },
}
await context.resume()
${startScripts[mode]}
`

const startScripts: Record<PageMode, string> = {
  'hls.js': `
const hls = new Hls()
hls.on(Hls.Events.ERROR, (_, data) => { errors.push(data.details + (data.fatal ? ' (fatal)' : '')) })
hls.on(Hls.Events.MANIFEST_PARSED, () => audio.play())
hls.loadSource(url)
hls.attachMedia(audio)`,
  'dash.js': `
const player = dashjs.MediaPlayer().create()
// Its catching up with the edge is playing faster: wanted by listeners, but not the station's sound sample by sample.
player.updateSettings({ streaming: { liveCatchup: { enabled: false } } })
player.on('error', ({ error }) => errors.push(error.message))
player.initialize(audio, url, true)`,
  native: `
audio.src = url
audio.play().catch((error) => errors.push(error.message))`,
}
