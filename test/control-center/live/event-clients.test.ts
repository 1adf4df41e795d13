import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { createEventClients } from '../../../control-center/live/event-clients.ts'
import type { LiveAnswer } from '../../../schemas/api-live.ts'
import { followEvents } from '../support/event-reader.ts'
import { createFakeLive, sessionOf } from '../support/fake-live.ts'
import { handClock } from '../support/hand-clock.ts'

/** Some 60 KB a state. */
const sessions = Array.from({ length: 100 }, (_, index) => sessionOf(`session-${index}`, 'anna'))
const answerOf = (revision: number): LiveAnswer => ({
  ...createFakeLive().status,
  revision,
  sessions,
  ageMs: 0,
  problem: null,
})

it('one page reads nothing any more: it costs little, the others hear everything, and it is let go', async () => {
  const hand = handClock()
  const listeners = new Set<(answer: LiveAnswer) => void>()
  let newest = answerOf(1)
  const subscribe = (listener: (answer: LiveAnswer) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const clients = createEventClients({ answer: () => newest, subscribe }, hand.clock)
  const responses: ServerResponse[] = []
  const server = createServer((_request, response) => {
    responses.push(response)
    clients.serve(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const deaf = connect(port, '127.0.0.1')
  deaf.pause()
  deaf.write('GET /api/live/events HTTP/1.1\r\nHost: x\r\n\r\n')
  await expect.poll(() => clients.count()).toBe(1)
  const good = await followEvents(`http://127.0.0.1:${port}`, {})
  await good.next(({ revision }) => revision === 1)

  for (let revision = 2; revision <= 200; revision++) {
    newest = answerOf(revision)
    for (const listener of listeners) listener(newest)
    await good.next((state) => state.revision === revision)
  }
  expect(responses[0]!.writableNeedDrain).toBe(true)
  expect(responses[0]!.writableLength).toBeLessThan(200_000)
  for (let passed = 0; passed < 50_000; passed += 10_000) {
    hand.advance(10_000)
    // The good one takes each heartbeat; the deaf one is given up after half a minute.
    await new Promise((turn) => setImmediate(turn))
  }
  expect(clients.count()).toBe(1)
  await good.end()
  await expect.poll(() => clients.count()).toBe(0)
  expect(listeners.size).toBe(0)
  deaf.destroy()
  await new Promise((closed) => server.close(closed))
})
