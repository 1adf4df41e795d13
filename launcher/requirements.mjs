import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs that are not npm packages, with the Debian package that brings each. */
const PACKAGES = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  'redis-server': 'redis-server',
  nginx: 'nginx',
  chromium: 'chromium',
  rtmpdump: 'rtmpdump',
  'gst-launch-1.0': 'gstreamer1.0-tools',
}
/** Present as a file below /usr/lib, not as a command; `*` is the name of the machine's architecture. */
const FILES = {
  'nginx-rtmp': { package: 'libnginx-mod-rtmp', path: 'nginx/modules/ngx_rtmp_module.so' },
  'gstreamer-flv': { package: 'gstreamer1.0-plugins-good', path: '*/gstreamer-1.0/libgstflv.so' },
  'gstreamer-rtmp': { package: 'gstreamer1.0-plugins-bad', path: '*/gstreamer-1.0/libgstrtmp.so' },
}

export const TO_RUN = ['ffmpeg', 'ffprobe', 'redis-server', 'nginx']
export const TO_TEST = [
  ...TO_RUN,
  'chromium',
  'rtmpdump',
  'nginx-rtmp',
  'gst-launch-1.0',
  'gstreamer-flv',
  'gstreamer-rtmp',
]

/** Installs what is missing with apt-get (as root, or with sudo), or ends the process with a sentence that says what to do. */
export function requirePrograms(names) {
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((name) => PACKAGES[name] ?? FILES[name].package))]
  const byHand = `Install them yourself, then try again: ${missing.join(', ')} (on Debian and Ubuntu: apt-get install ${packages.join(' ')}).`
  if (!onPath('apt-get')) end(`These programs are missing, and this system has no apt-get. ${byHand}`)
  const asRoot = process.getuid?.() === 0 ? [] : onPath('sudo') ? ['sudo', '-n'] : null
  if (!asRoot) end(`These programs are missing, and neither root nor sudo is at hand. ${byHand}`)
  console.log(`Installing ${packages.join(', ')} ...`)
  if (!install(asRoot, packages)) end(`apt-get could not install them. ${byHand}`)
  const still = names.filter((name) => !isThere(name))
  if (still.length > 0) end(`Still missing after the installation: ${still.join(', ')}. ${byHand}`)
}

/** Ends the process with a sentence for a person. */
export function end(sentence) {
  console.error(sentence)
  process.exit(1)
}

/**
 * Debian's redis-server and nginx start themselves when they are installed. A policy that forbids it stands while they are, unless the
 * machine has a policy of its own: nothing runs afterwards that did not run before.
 */
function install(asRoot, packages) {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  const run = (...command) =>
    spawnSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120']
  try {
    if (ours) placePolicy(asRoot, policy)
    const wanted = [...apt, 'install', '-y', '--no-install-recommends', ...packages]
    return run(...wanted) || (run(...apt, 'update') && run(...wanted))
  } finally {
    if (ours) removePolicy(asRoot, policy)
  }
}

const POLICY = '#!/bin/sh\nexit 101\n'

function placePolicy(asRoot, policy) {
  if (asRoot.length === 0) return writeFileSync(policy, POLICY, { mode: 0o755 })
  spawnSync('sudo', ['-n', 'install', '-m', '755', '/dev/stdin', policy], { input: POLICY })
}

function removePolicy(asRoot, policy) {
  if (asRoot.length === 0) return rmSync(policy, { force: true })
  spawnSync('sudo', ['-n', 'rm', '-f', policy])
}

function isThere(name) {
  return FILES[name] ? isBelowLib(FILES[name].path) : onPath(name)
}

function isBelowLib(path) {
  const lib = '/usr/lib'
  if (!path.startsWith('*/')) return existsSync(join(lib, path))
  return readdirSync(lib).some((folder) => existsSync(join(lib, folder, path.slice(2))))
}

function onPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
