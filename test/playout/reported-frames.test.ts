import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { newestReported } from '../../playout/state/reported-frames.ts'

/** A slicer that answers this, whatever it is asked. */
async function slicer(id: string, answer: string) {
  const server = createServer((_request, response) => response.end(answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    server,
    peer: { id, role: 'slicer' as const, url: `http://127.0.0.1:${port}`, credentialSha256: '0'.repeat(64) },
  }
}
const newest = (generation: number, high: number): string =>
  JSON.stringify({ generation, newestFrame: { high }, firstAvailableFrame: 0 })

it('believes the slicer that has most, and none that claims the far future, talks rubbish or is gone', async () => {
  const slicers = await Promise.all([
    slicer('honest', newest(7, 1_000)),
    slicer('better', newest(8, 1_200)),
    slicer('dreaming', newest(99, 9e15)),
    slicer('rubbish', '{"newestFrame":'),
    slicer('gone', ''),
  ])
  slicers.at(-1)!.server.close()
  const reported = await newestReported(
    slicers.map(({ peer }) => peer),
    systemClock,
    2_000,
  )
  expect(reported).toMatchObject({ generation: 8, newestFrame: { high: 1_200 }, doubted: ['dreaming'] })
  for (const { server } of slicers) {
    server.closeAllConnections()
    server.close()
  }
})
