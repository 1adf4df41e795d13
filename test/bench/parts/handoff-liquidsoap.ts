import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LiveSender } from '../../end-to-end/support/live-sender.ts'
import { firstSecondOf, type HandoffSystem, type RunningSystem, TONES } from './handoff-system.ts'
import { serveFolder } from './serve-folder.ts'
import { freePort, until } from './waiting.ts'

const PASSWORD = 'hackme'

/** As its book has it: live before the files by `fallback`, a harbor input of 5 s (its default is 12 s), HLS of 4 s from one encoder. */
export const liquidsoap: HandoffSystem = {
  key: 'liquidsoap',
  name: 'Liquidsoap',
  async missing(world) {
    const probe = world.start('liquidsoap', ['--version'])
    const [code] = (await Promise.race([once(probe, 'exit'), once(probe, 'error')])) as [unknown]
    return code === 0 ? null : 'not installed'
  },
  async start(world, { folder: music }, purpose) {
    const folder = mkdtempSync(join(world.folder, 'liquidsoap-'))
    const hls = join(folder, 'hls')
    mkdirSync(hls)
    const port = await freePort()
    const script = join(folder, 'radio.liq')
    const input =
      purpose === 'stall'
        ? `input.rtmp(max_buffer=5., listen=true, "rtmp://127.0.0.1:${port}/live")`
        : `input.harbor("live", port=${port}, password="${PASSWORD}", buffer=5., max=10.)`
    writeFileSync(script, scriptOf(music, input, hls))
    let depthMs = 0
    const run = (): ChildProcess => {
      const child = world.start('liquidsoap', [script], { stdio: ['ignore', 'pipe', 'ignore'] })
      child.stdout!.on('data', (text: Buffer) => {
        const depth = [...text.toString('utf8').matchAll(/^depth ([\d.]+)$/gm)].at(-1)
        if (depth) depthMs = Number(depth[1]) * 1000
      })
      return child
    }
    let child = run()
    const address = await serveFolder(world, hls)
    const running: RunningSystem = {
      playlistUrl: `${address}/high.m3u8`,
      settlesMs: 8_000,
      async goLive(atMoment, { speed = 1 } = {}) {
        await atMoment()
        const clickMs = Date.now()
        const sender = new LiveSender({
          url:
            purpose === 'stall'
              ? `rtmp://127.0.0.1:${port}/live`
              : `icecast://source:${PASSWORD}@127.0.0.1:${port}/live`,
          frequency: TONES.first,
          speed,
          ...(purpose === 'stall' ? {} : { output: AAC_TO_HARBOR }),
        })
        world.atEnd(() => sender.dispose())
        firstSecondOf(sender)
        return { clickMs, sender }
      },
      async end({ sender }) {
        const clickMs = Date.now()
        await sender.goodbye()
        return clickMs
      },
      giveUp: ({ sender }) => sender.dispose(),
      async kill() {
        child.kill('SIGKILL')
        await once(child, 'exit')
        child = run()
      },
      buffer: async () => ({ depthMs, told: '' }),
      ownFigures: async () => '',
      async stop() {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill('SIGKILL')
        await once(child, 'exit')
      },
    }
    await until('Liquidsoap lists segments', 45_000, async () => {
      const answer = await fetch(running.playlistUrl)
      return answer.ok && (await answer.text()).split('EXTINF').length > 3
    })
    return running
  },
}

const AAC_TO_HARBOR = ['-c:a', 'aac', '-b:a', '128k', '-flush_packets', '1', '-content_type', 'audio/aac', '-f', 'adts']

const scriptOf = (music: string, input: string, hls: string): string => `settings.init.allow_root.set(true)
settings.log.stdout.set(false)
settings.log.file.set(false)
settings.frame.audio.samplerate.set(48000)
settings.harbor.bind_addrs.set(["127.0.0.1"])
auto = playlist(mode="normal", "${music}")
live = ${input}
radio = mksafe(fallback(track_sensitive=false, [live, auto]))
thread.run(every=0.5, {print("depth #{live.buffer_length()}")})
output.file.hls(playlist="live.m3u8", segment_duration=4.0, segments=15, segments_overhead=5, "${hls}", [("high", %ffmpeg(format="mpegts", %audio(codec="aac", channels=2, ar=48000, b="128k")))], radio)
`
