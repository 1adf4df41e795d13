import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Answers } from '../../media/rtmp/answers.ts'

/** A connection of a peer that follows no rules. `closed` resolves however it ends, a reset included; a stubborn one waits for that. */
export type RawSocket = { socket: Socket; answers: Answers; closed: Promise<void>; write(bytes: Buffer): void }

export async function openRawSocket(port: number, stubborn = false): Promise<RawSocket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const answers = new Answers()
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  if (!stubborn) socket.once('end', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => answers.add(bytes))
  await once(socket, 'connect')
  return {
    socket,
    answers,
    closed,
    write: (bytes) => {
      if (socket.writable) socket.write(bytes)
    },
  }
}
