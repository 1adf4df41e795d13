import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { programs } from '../../../platform/processes.ts'
import { LiveSender } from '../../end-to-end/support/live-sender.ts'
import { firstSecondOf, type HandoffSystem, type RunningSystem, TONES } from './handoff-system.ts'
import { treeOf } from './process-usage.ts'
import { serveFolder } from './serve-folder.ts'
import { freePort, pause, until } from './waiting.ts'
import type { World } from './world.ts'

const MODULE = ['/usr/lib/nginx/modules/ngx_rtmp_module.so', '/usr/lib64/nginx/modules/ngx_rtmp_module.so'].find(
  (path) => existsSync(path),
)

/**
 * The recipe at its best: the push of the files is killed at the click, and the encoder takes its name; whenever a publisher has gone and no
 * other was announced, nginx tells so (on_publish_done) and the files are pushed again.
 */
export const nginxRtmp: HandoffSystem = {
  key: 'nginx-rtmp',
  name: 'nginx-rtmp, kill and replace',
  async missing(world) {
    if (!MODULE) return 'not installed'
    const probe = world.start(programs.nginx, ['-v'])
    const [code] = (await Promise.race([once(probe, 'exit'), once(probe, 'error')])) as [unknown]
    return code === 0 ? null : 'not installed'
  },
  async start(world, { inOne }) {
    const folder = mkdtempSync(join(world.folder, 'nginx-'))
    const hls = join(folder, 'hls')
    mkdirSync(hls)
    const port = await freePort()
    const url = `rtmp://127.0.0.1:${port}/live/x`
    const recipe = new Recipe(world, inOne, url)
    const configuration = join(folder, 'nginx.conf')
    writeFileSync(configuration, configurationOf(folder, hls, port, await recipe.hook()))
    const run = (): ChildProcess => world.start(programs.nginx, ['-p', folder, '-c', configuration])
    let nginx = run()
    await until('nginx takes pushes', 10_000, () => existsSync(join(folder, 'nginx.pid')))
    await pause(300)
    recipe.pushFiles()
    world.atEnd(() => recipe.stop())
    const killNginx = async (): Promise<void> => {
      const all = treeOf(nginx.pid!)
      for (const pid of all) process.kill(pid, 'SIGKILL')
      if (nginx.exitCode === null && nginx.signalCode === null) await once(nginx, 'exit')
    }
    const running: RunningSystem = {
      playlistUrl: `${await serveFolder(world, hls)}/x.m3u8`,
      settlesMs: 4_000,
      async goLive(atMoment, { speed = 1 } = {}) {
        await atMoment()
        const clickMs = Date.now()
        await recipe.killPush()
        const sender = new LiveSender({ url, frequency: TONES.first, speed })
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
        await killNginx()
        nginx = run()
        await pause(500)
        recipe.pushFiles()
      },
      buffer: async () => null,
      ownFigures: async () => '',
      async stop() {
        await recipe.stop()
        await killNginx()
      },
    }
    await until('nginx lists segments', 30_000, async () => {
      const answer = await fetch(running.playlistUrl)
      return answer.ok && (await answer.text()).split('EXTINF').length > 2
    })
    return running
  },
}

/** The push of the files, and who kills and starts it. */
class Recipe {
  private readonly world: World
  private readonly file: string
  private readonly url: string
  private push: ChildProcess | null = null
  /** The push that is killed for the encoder will be told as a publisher that has gone. */
  private announced = false
  private isOver = false

  constructor(world: World, file: string, url: string) {
    this.world = world
    this.file = file
    this.url = url
  }

  /** Where nginx tells that a publisher has gone. */
  async hook(): Promise<string> {
    const server = createServer((_request, response) => {
      response.end()
      if (this.announced) this.announced = false
      else this.pushFiles()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.world.atEnd(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/done`
  }

  pushFiles(): void {
    if (this.isOver || this.isPushing()) return
    const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', this.file]
    this.push = this.world.start(programs.ffmpeg, [...input, '-c', 'copy', '-f', 'flv', this.url])
  }

  async killPush(): Promise<void> {
    this.announced = this.isPushing()
    await this.endPush()
  }

  async stop(): Promise<void> {
    this.isOver = true
    await this.endPush()
  }

  private isPushing(): boolean {
    return this.push !== null && this.push.exitCode === null && this.push.signalCode === null
  }

  private async endPush(): Promise<void> {
    if (!this.isPushing()) return
    const ended = once(this.push!, 'exit')
    this.push!.kill('SIGKILL')
    await ended
  }
}

const configurationOf = (folder: string, hls: string, port: number, hook: string): string => `load_module ${MODULE};
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
rtmp { server { listen 127.0.0.1:${port}; application live {
  live on; hls on; hls_path ${hls}; hls_fragment 4s; hls_playlist_length 60s; on_publish_done ${hook};
} } }
`
