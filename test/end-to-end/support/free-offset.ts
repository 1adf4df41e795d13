import { createServer } from 'node:net'
import { PORTS, slicerPorts } from '../../../launcher/ports.ts'

const TRIES = 200

/** An offset at which every port of a station can be bound now. Workers of the test runner look in ranges of their own. */
export async function freeOffset(slicers: number): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? '0') % 8
  const bases = [
    ...Object.values(PORTS),
    ...Array.from({ length: slicers }, (_, i) => slicerPorts(i + 1)).flatMap(Object.values),
  ]
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const offset = 1_000 + worker * 1_500 + Math.floor(Math.random() * 1_400)
    if ((await Promise.all(bases.map((base) => canBind(base + offset)))).every(Boolean)) return offset
  }
  throw new Error(`No offset with free ports was found in ${TRIES} tries.`)
}

/** A port that nothing holds now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
