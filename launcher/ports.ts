import { createServer } from 'node:net'

/** The default ports; the launcher adds the offset. */
export const PORTS = {
  edge: 8000,
  'control center': 8080,
  playout: 8090,
  redis: 6390,
} as const
export const slicerPorts = (number: number): { http: number; rtmp: number } => ({
  http: 8100 + number,
  rtmp: 19350 + number,
})

/** Those of the ports that something else holds. */
export async function portsTaken(host: string, ports: readonly { name: string; port: number }[]): Promise<string[]> {
  const verdicts = await Promise.all(
    ports.map(async ({ name, port }) => ((await isFree(host, port)) ? [] : [`${port} (${name})`])),
  )
  return verdicts.flat()
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
