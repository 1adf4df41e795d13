import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createHttpClient } from '../../platform/http-client.ts'

const client = createHttpClient(systemClock)
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const limits = { timeoutMs: 2_000, bytesMax: 1_000 }

describe('asking over HTTP', () => {
  it('gets status and body, whatever the status', async () => {
    const url = await serve((_, response) => response.writeHead(418).end('a teapot'))
    const { status, body } = await client.ask({ url, ...limits })
    expect([status, body.toString()]).toEqual([418, 'a teapot'])
  })

  it('sends JSON', async () => {
    const url = await serve(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      response.end(`${request.method} ${request.headers['content-type']} ${Buffer.concat(parts)}`)
    })
    const { body } = await client.ask({ url, method: 'POST', body: '{"a":"ü"}', ...limits })
    expect(body.toString()).toBe('POST application/json {"a":"ü"}')
  })

  it('does not wait longer than the deadline for a body that drips', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('.'), 10)
      request.on('close', () => clearInterval(drip))
    })
    await expect(client.ask({ url, bytesMax: 1_000, timeoutMs: 100 })).rejects.toThrow('did not answer within 100 ms')
  })

  it('does not take more than the limit', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(1_001)))
    await expect(client.ask({ url, ...limits })).rejects.toThrow('more than 1000 bytes')
  })

  it('takes an answer that is cut off for none', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('only this')
      setImmediate(() => response.socket?.destroy())
    })
    await expect(client.ask({ url, ...limits })).rejects.toThrow(/broke off|aborted|hang up/)
  })

  it('asks once more when a kept connection turns out to be dead, and a POST never twice', async () => {
    let requests = 0
    const url = await serve((request, response) => {
      requests += 1
      // The second request on any connection finds the server gone.
      const { socket } = request as unknown as { socket: { used?: boolean; destroy(): void } }
      if (socket.used) return socket.destroy()
      socket.used = true
      response.end('here')
    })
    await client.ask({ url, ...limits })
    expect((await client.ask({ url, ...limits })).body.toString()).toBe('here')
    expect(requests).toBe(3)
    await expect(client.ask({ url, method: 'POST', body: '{}', ...limits })).rejects.toThrow()
    expect(requests).toBe(4)
  })

  it('ends at once when it is given up', async () => {
    const url = await serve(() => undefined)
    const giveUp = new AbortController()
    const asked = client.ask({ url, ...limits, signal: giveUp.signal })
    giveUp.abort(new Error('no longer wanted'))
    await expect(asked).rejects.toThrow('no longer wanted')
    await expect(client.ask({ url, ...limits, signal: giveUp.signal })).rejects.toThrow('no longer wanted')
  })
})
