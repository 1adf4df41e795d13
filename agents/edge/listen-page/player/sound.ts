import type { OpenTransport } from './player.ts'

export type Sound = { open: OpenTransport; canBeAnalysed: boolean }

/**
 * hls.js where there is Media Source, the browser's own HLS elsewhere. Only the former may go through an AudioContext: telephones
 * without Media Source hand out zeros there, and fall silent with the screen off.
 */
export async function chooseSound(): Promise<Sound> {
  if ('MediaSource' in window) {
    const { isHlsJsSupported, openHlsJs } = await import('./hls-transport.ts')
    if (isHlsJsSupported()) return { open: openHlsJs, canBeAnalysed: true }
  }
  const { openNative } = await import('./native-transport.ts')
  return { open: openNative, canBeAnalysed: false }
}
