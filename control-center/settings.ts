import { parseArgs } from 'node:util'
import type { StationFile } from '../schemas/station.ts'

export type Settings = {
  stationPath: string
  dataFolder: string
  host: string
  port: number
  /** Where the same is served by TLS, when the station file names a certificate. Null: nowhere. */
  tlsPort: number | null
  redisUrl: string
  playoutUrl: string
  /** Playout as nodes reach it. */
  playoutPublicUrl: string
  musicFolder: string | null
}

/** Reads the flags; throws an Error that names the wrong one. */
export function readSettings(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      station: { type: 'string' },
      data: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8080' },
      'tls-port': { type: 'string' },
      redis: { type: 'string', default: 'redis://127.0.0.1:6390' },
      playout: { type: 'string', default: 'http://127.0.0.1:8090' },
      'playout-public': { type: 'string' },
      music: { type: 'string' },
    },
  })
  if (!values.station) throw new Error('--station FILE is missing: the station file (YAML)')
  if (!values.data) throw new Error("--data DIR is missing: the control center's own folder")
  return {
    stationPath: values.station,
    dataFolder: values.data,
    host: values.host,
    port: portOf('--port', values.port),
    tlsPort: values['tls-port'] === undefined ? null : portOf('--tls-port', values['tls-port']),
    redisUrl: wellFormed('--redis', values.redis, ['redis:', 'rediss:']),
    playoutUrl: wellFormed('--playout', values.playout, ['http:']),
    playoutPublicUrl: wellFormed('--playout-public', values['playout-public'] ?? values.playout, ['http:', 'https:']),
    musicFolder: values.music ?? null,
  }
}

function portOf(flag: string, text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`${flag} ${text} is not a port number`)
  return port
}

const SECRET_LENGTH_MIN = 16

/** A secret from the environment variable that the station file names; throws an Error that says how to set it. */
export function readSecret(environment: NodeJS.ProcessEnv, name: string, purpose: string): string {
  const secret = environment[name] ?? ''
  if (secret.length < SECRET_LENGTH_MIN)
    throw new Error(
      `${name} must hold ${purpose}, ${SECRET_LENGTH_MIN} characters or more; make one with: openssl rand -hex 24`,
    )
  return secret
}

export type Secrets = {
  joinToken: string
  controlToken: string
  /** Null: there is none, and listening needs none. */
  playbackSecret: string | null
}

export function readSecrets(environment: NodeJS.ProcessEnv, { secrets, listen }: StationFile): Secrets {
  const { joinTokenEnv, controlTokenEnv, playbackSecretEnv } = secrets
  const needsPlayback = listen.signed || environment[playbackSecretEnv] !== undefined
  return {
    joinToken: readSecret(environment, joinTokenEnv, 'the join token of nodes'),
    controlToken: readSecret(environment, controlTokenEnv, 'the token that playout is controlled with'),
    playbackSecret: needsPlayback
      ? readSecret(environment, playbackSecretEnv, 'the secret that playback addresses are signed with')
      : null,
  }
}

function wellFormed(flag: string, text: string, protocols: string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !protocols.includes(url.protocol))
    throw new Error(`${flag} ${text} is not an address like ${protocols[0]}//127.0.0.1:8090`)
  return text.replace(/\/+$/, '')
}
