import { createServer } from 'node:net'

/** The default ports; the launcher adds the offset. */
export const PORTS = {
  edge: 8000,
  'control center': 8080,
  'control center TLS': 8443,
  playout: 8090,
  redis: 6390,
  ingest: 8006,
  'ingest Icecast': 8005,
  'ingest studio': 8007,
  'ingest RTMP': 1935,
  'ingest RTMPS': 1936,
  archive: 8010,
} as const
export const slicerPorts = (number: number): { http: number; rtmp: number } => ({
  http: 8100 + number,
  rtmp: 19350 + number,
})

/** Why the station can't have its ports, in a sentence; null when it can. */
export async function portsProblem(
  host: string,
  ports: readonly { name: string; port: number }[],
): Promise<string | null> {
  const outcomes = await Promise.all(
    ports.map(async (port) => ({ ...port, problem: await problemOf(host, port.port) })),
  )
  if (outcomes.some(({ problem }) => problem === 'EADDRNOTAVAIL' || problem === 'ENOTFOUND'))
    return `listen.address ${host} is not an address of this machine: write 0.0.0.0 for all of its addresses.`
  const forbidden = outcomes.filter(({ problem }) => problem === 'EACCES')
  if (forbidden.length > 0) return `This user may not listen on ${namesOf(forbidden)}.`
  const taken = outcomes.filter(({ problem }) => problem !== null)
  if (taken.length === 0) return null
  return `Something else holds port ${namesOf(taken)}. End it (another station, perhaps), or move all ports: npm start -- --port-offset 1000`
}

const namesOf = (ports: readonly { name: string; port: number }[]): string =>
  ports.map(({ name, port }) => `${port} (${name})`).join(', ')

/** The error's code when the port can't be listened on. */
function problemOf(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}
