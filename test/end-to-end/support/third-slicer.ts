import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectFolder, type Station } from './station.ts'
import { until } from './until.ts'

/** A slicer as a person starts one beside a running station: with the control center's address and the join token, and nothing else. */
export class ThirdSlicer {
  origin = ''
  id = ''
  private child: ChildProcess | null = null

  async join(station: Station): Promise<void> {
    const program = join(projectFolder, 'dist', 'agents', 'slicer', 'main.js')
    const args = ['--control', station.control, '--token', station.secret('AIRTIGHT_JOIN_TOKEN')]
    const env = { ...process.env, TMPDIR: station.folder }
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.child = child
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString('utf8')
    })
    const [, id, origin] = await until('the third slicer to say where it is', () =>
      /slicer (\S+) answers on (http:\/\/[\d.:]+)/.exec(said),
    )
    this.id = id!
    this.origin = origin!
  }

  async leave(): Promise<void> {
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}
