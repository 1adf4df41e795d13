import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { sleep, systemClock } from '../../../platform/clock.ts'
import { programs } from '../../../platform/processes.ts'
import { run, type temporaryFolder } from './tools.ts'

/** nginx with its RTMP module on a free port: the server of others into which we publish. */
export async function startNginxRtmp(folder: ReturnType<typeof temporaryFolder>) {
  const port = await freePort()
  mkdirSync(folder.path('nginx'))
  const configuration = `
    load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
    daemon off; master_process off; worker_processes 1;
    pid ${folder.path('nginx/pid')}; error_log stderr warn;
    events { worker_connections 64; }
    rtmp { access_log off; server { listen 127.0.0.1:${port}; application live { live on; wait_key off; } } }`
  writeFileSync(folder.path('nginx.conf'), configuration)
  const nginx = run(programs.nginx, ['-p', folder.path('nginx'), '-c', folder.path('nginx.conf'), '-e', 'stderr'])
  const died = nginx.done.then(({ code, output }) => {
    throw new Error(`nginx with its RTMP module ended with ${code}: ${output}`)
  })
  died.catch(() => {})
  for (let attempt = 0; !(await Promise.race([answers(port), died])); attempt++) {
    if (attempt === 200) throw new Error('nginx does not listen')
    await sleep(systemClock, 10)
  }
  return { port, stop: () => nginx.kill() }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
