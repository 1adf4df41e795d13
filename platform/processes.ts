import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * The one place that starts child processes. A child dies with its parent, even when the parent is killed with SIGKILL
 * (setpriv's parent-death signal, from util-linux, where it is there).
 */
export type Processes = {
  start(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

export const systemProcesses: Processes = {
  start(command, args, options = {}) {
    if (!SETPRIV) return spawn(command, [...args], options)
    return spawn(SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args], options)
  },
}

/** Names of the outside programs; the environment may point elsewhere. */
export const programs = {
  ffmpeg: process.env.FFMPEG_PATH ?? 'ffmpeg',
  ffprobe: process.env.FFPROBE_PATH ?? 'ffprobe',
  nginx: process.env.NGINX_PATH ?? 'nginx',
  redisServer: process.env.REDIS_SERVER_PATH ?? 'redis-server',
}
