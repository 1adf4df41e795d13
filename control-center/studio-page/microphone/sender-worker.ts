import type { FromSender, ToSender } from './messages.ts'
import { StudioLink } from './studio-link.ts'

/**
 * A thread of its own for the way from the audio thread to the network: the page may be busy, hidden or slowed down, and the sound
 * and the reconnecting go on.
 */
const page = self as unknown as { postMessage(message: FromSender): void; close(): void }
let link: StudioLink | null = null
let audio: MessagePort | null = null

self.onmessage = ({ data }: MessageEvent<ToSender>) => {
  switch (data.type) {
    case 'start':
      link = new StudioLink(data.ticket, data.urls, (message) => page.postMessage(message))
      break
    case 'ticket':
      link?.renew(data.ticket, data.urls)
      break
    case 'audio':
      audio?.close()
      audio = data.port
      audio.onmessage = ({ data: piece }: MessageEvent<ArrayBuffer>) => link?.send(piece)
      link?.setFormat(data.sampleRate, data.channels)
      break
    case 'order':
      link?.order(data.action, data.body)
      break
    case 'stop':
      link?.close()
      audio?.close()
      page.close()
  }
}
