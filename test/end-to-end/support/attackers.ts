import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

/** Connections that mean no good, from addresses of their own: the whole of 127.0.0.0/8 is this machine. */
export class Attackers {
  private readonly sockets = new Set<Socket>()
  private readonly timers = new Set<NodeJS.Timeout>()

  /** So many connections that say nothing, of ten addresses. Resolves when all have been tried. */
  async silent(port: number, count: number): Promise<Socket[]> {
    const opened: Socket[] = []
    for (let index = 0; index < count; index += 50)
      opened.push(
        ...(await Promise.all(Array.from({ length: Math.min(50, count - index) }, (_, at) => this.open(port, at)))),
      )
    return opened
  }

  /** So many connections on which random bytes come for as long as they are taken. */
  async garbage(port: number, count: number): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: count }, (_, at) => this.open(port, at)))
    this.every(20, () => {
      for (const socket of sockets) if (socket.writable && socket.writableLength === 0) socket.write(randomBytes(8_000))
    })
  }

  /** So many connections that send a text byte by byte, ten a second, and then a dot again and again. */
  async dripping(port: number, count: number, text: string): Promise<Socket[]> {
    const sockets = await Promise.all(Array.from({ length: count }, (_, at) => this.open(port, at)))
    let sent = 0
    this.every(100, () => {
      for (const socket of sockets) if (socket.writable) socket.write(text[sent] ?? '.', 'latin1')
      sent += 1
    })
    return sockets
  }

  /** A connection that sends what `bytes` gives, again and again, whatever it is told; resolves when it is closed, with what it was told. */
  async stubborn(port: number, first: Buffer, bytes: () => Buffer, everyMs = 5): Promise<string> {
    const socket = await this.open(port, 0)
    let told = ''
    socket.on('data', (data: Buffer) => {
      told += data.toString('latin1')
    })
    socket.write(first)
    this.every(everyMs, () => {
      if (socket.writable && socket.writableLength < 4_000_000) socket.write(bytes())
    })
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    return told
  }

  /** Comes, says these words, and leaves as soon as it is answered in such terms; again and again for so long. Resolves with how often. */
  async flapping(port: number, words: () => Buffer, answered: string, forMs: number): Promise<number> {
    const untilMs = performance.now() + forMs
    let times = 0
    while (performance.now() < untilMs) {
      const socket = await this.open(port, times++)
      socket.on('data', (data: Buffer) => {
        if (data.toString('latin1').includes(answered)) socket.destroy()
      })
      socket.write(words())
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
    }
    return times
  }

  end(): void {
    for (const timer of this.timers) clearInterval(timer)
    this.timers.clear()
    for (const socket of this.sockets) socket.destroy()
  }

  private every(ms: number, act: () => void): void {
    this.timers.add(setInterval(act, ms))
  }

  /** A refusal by closing is no error here. */
  private open(port: number, number: number): Promise<Socket> {
    return new Promise((resolve) => {
      const localAddress = `127.0.7.${1 + (number % 10)}`
      const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
      this.sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', () => {})
      socket.once('connect', () => resolve(socket))
      socket.once('close', () => {
        this.sockets.delete(socket)
        resolve(socket)
      })
    })
  }
}

/** What a process holds in memory now, in bytes (proc(5), VmRSS). */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kilobytes?.[1] ?? 0) * 1024
}
