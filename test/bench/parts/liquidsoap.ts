import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programs } from '../../../platform/processes.ts'
import { freePort, until } from './waiting.ts'
import type { World } from './world.ts'

/** How Liquidsoap names the encoder of 128 kbit/s AAC, by the library that its build has. */
const ENCODERS = [
  '%ffmpeg(format="mpegts", %audio(codec="aac", channels=2, ar=48000, b="128k"))',
  '%fdkaac(channels=2, samplerate=48000, bitrate=128)',
]

/** Liquidsoap with HLS output of the same music, and nginx serving it: their pids; null when it is not installed or has no AAC encoder. */
export async function startLiquidsoap(world: World, musicFolder: string): Promise<Map<string, number> | null> {
  const probe = world.start('liquidsoap', ['--version'])
  const [code] = (await Promise.race([once(probe, 'exit'), once(probe, 'error')])) as [unknown]
  if (code !== 0) return null
  const folder = join(world.folder, 'liquidsoap')
  for (const [index, encoder] of ENCODERS.entries()) {
    const hls = join(folder, `hls-${index}`)
    mkdirSync(hls, { recursive: true })
    const script = join(folder, `${index}.liq`)
    writeFileSync(script, scriptOf(musicFolder, encoder, hls))
    const child = world.start('liquidsoap', [script])
    const isThere = await until('Liquidsoap writes segments', 45_000, () => {
      if (child.exitCode !== null) return 'ended'
      return readdirSync(hls).some((name) => name.endsWith('.ts')) ? 'on air' : null
    }).catch(() => 'ended')
    if (isThere === 'on air')
      return new Map([
        ['Liquidsoap', child.pid!],
        ['its nginx', await startNginx(world, folder, hls)],
      ])
    child.kill('SIGKILL')
  }
  return null
}

function scriptOf(musicFolder: string, encoder: string, hls: string): string {
  return `settings.init.allow_root.set(true)
settings.log.stdout.set(false)
settings.log.file.set(false)
radio = mksafe(crossfade(playlist("${musicFolder}")))
output.file.hls(playlist="live.m3u8", segment_duration=4.0, segments=15, segments_overhead=5, "${hls}", [("high", ${encoder})], radio)
`
}

async function startNginx(world: World, folder: string, hls: string): Promise<number> {
  const port = await freePort()
  const path = join(folder, 'nginx.conf')
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off; sendfile on;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3; uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server { listen 127.0.0.1:${port}; root ${hls}; }
}
`,
  )
  return world.start(programs.nginx, ['-p', folder, '-c', path]).pid!
}
