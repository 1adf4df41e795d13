import type { Level } from './level.ts'
import workletUrl from './pcm-worklet.ts?worker&url'

export type MicrophoneChoice = {
  /** Null: what the system prefers. */
  deviceId: string | null
  stereo: boolean
  echoCancellation: boolean
  noiseSuppression: boolean
  autoGainControl: boolean
}
/** A studio's microphone is left as it sounds. */
export const PLAIN: MicrophoneChoice = {
  deviceId: null,
  stereo: false,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
}

export type Capture = { deviceId: string; label: string; sampleRate: number; channels: 1 | 2; close(): void }
export type CaptureEvents = { measured(level: Level): void; lost(reason: string): void }

const SAMPLE_RATE = 48_000

/**
 * Opens a microphone. Its PCM goes into `sender` in pieces of 20 ms.
 * Rejects with an Error whose message tells the person what to do.
 */
export async function openCapture(
  choice: MicrophoneChoice,
  sender: MessagePort,
  events: CaptureEvents,
): Promise<Capture> {
  const stream = await askForMicrophone(choice)
  const channels = choice.stereo ? 2 : 1
  const context = createContext()
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop()
    void context.close().catch(() => undefined)
  }
  try {
    await context.audioWorklet.addModule(workletUrl)
    const cutter = new AudioWorkletNode(context, 'pcm-cutter', {
      numberOfInputs: 1,
      outputChannelCount: [1],
      processorOptions: { channels },
    })
    cutter.port.onmessage = ({ data }: MessageEvent<Level>) => events.measured(data)
    cutter.port.postMessage({ sender }, [sender])
    cutter.onprocessorerror = () => events.lost('The browser stopped to hand out sound. Connect again.')
    // Its output is silent: a node is only run when it leads somewhere.
    context.createMediaStreamSource(stream).connect(cutter).connect(context.destination)
    // A telephone call, or another program, may interrupt it.
    context.addEventListener('statechange', () => {
      if (context.state !== 'running' && context.state !== 'closed') void context.resume().catch(() => undefined)
    })
    await context.resume()
  } catch (error) {
    close()
    throw new Error(`The browser can't read the microphone: ${(error as Error).message}.`)
  }
  const track = stream.getAudioTracks()[0]!
  track.addEventListener('ended', () => events.lost(`${track.label || 'The microphone'} was unplugged or taken away.`))
  return {
    deviceId: track.getSettings().deviceId ?? '',
    label: track.label,
    sampleRate: context.sampleRate,
    channels,
    close,
  }
}

async function askForMicrophone(choice: MicrophoneChoice): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        ...(choice.deviceId === null ? {} : { deviceId: { exact: choice.deviceId } }),
        channelCount: choice.stereo ? 2 : 1,
        sampleRate: SAMPLE_RATE,
        echoCancellation: choice.echoCancellation,
        noiseSuppression: choice.noiseSuppression,
        autoGainControl: choice.autoGainControl,
      },
    })
  } catch (error) {
    throw new Error(MICROPHONE_PROBLEMS[(error as Error).name] ?? `No microphone: ${(error as Error).message}`)
  }
}

const MICROPHONE_PROBLEMS: Record<string, string> = {
  NotAllowedError:
    'The browser was not allowed to use the microphone. Click the lock or camera sign beside the address, allow the microphone, and connect again.',
  NotFoundError: 'There is no microphone. Plug one in, and connect again.',
  OverconstrainedError: 'The chosen microphone is not there. Plug it in, or choose another one.',
  NotReadableError: 'Another program holds the microphone. Close it there, and connect again.',
}

/** Some browsers can't take a microphone into a context of another rate: then the rate is the microphone's own, and the ingest is told. */
function createContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' })
  } catch {
    return new AudioContext({ latencyHint: 'interactive' })
  }
}

/** Null: this page may ask for a microphone. Otherwise what to do about it, for the person. */
export function microphoneObstacle(): string | null {
  if (window.isSecureContext && navigator.mediaDevices !== undefined) return null
  if (!window.isSecureContext)
    return `Browsers give no microphone to a page that came over plain http from another machine. Open this page as https:// (the station file's \`tls\` turns that on), or on the station's own machine as http://localhost${location.port ? `:${location.port}` : ''}/studio. An encoder such as BUTT or OBS works in any case: its settings are below.`
  return 'This browser can hand out no microphone. Use a newer one, or an encoder such as BUTT or OBS.'
}
