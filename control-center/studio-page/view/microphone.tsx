import { useEffect, useState } from 'preact/hooks'
import { type MicrophoneChoice, microphoneObstacle } from '../microphone/capture.ts'
import { type Device, listMicrophones } from '../microphone/devices.ts'
import { rememberChoice, rememberedChoice, rememberOpen, wasOpen } from '../microphone/remembered.ts'
import { Card } from './card.tsx'
import { Meter } from './meter.tsx'
import type { Studio } from './use-studio.ts'

const AT_STAKE = ['on-air', 'covered', 'ending', 'going-live']

/** Which microphone, how it is treated, whether it is heard. */
export function Microphone({ studio }: { studio: Studio }) {
  const { sending, standing } = studio
  const [choice, setChoice] = useState(rememberedChoice)
  const [devices, setDevices] = useState<Device[]>([])
  const obstacle = microphoneObstacle()
  const heard = sending.link?.heard ?? null

  const change = (part: Partial<MicrophoneChoice>): void => {
    const changed = { ...choice, ...part }
    setChoice(changed)
    rememberChoice(changed)
    if (sending.isConnected) void sending.open(changed)
  }
  const look = (): void => void listMicrophones().then(setDevices, () => undefined)
  useEffect(look, [sending.microphone])
  useEffect(() => {
    if (obstacle !== null) return
    // A page that was loaded anew while its microphone was open opens it again: it may be on air.
    if (wasOpen()) void sending.open(choice)
    const onChange = (): void => {
      look()
      // The one that was unplugged may be back.
      if (sending.isConnected && sending.microphone === null) void sending.open(rememberedChoice())
    }
    navigator.mediaDevices.addEventListener('devicechange', onChange)
    return () => navigator.mediaDevices.removeEventListener('devicechange', onChange)
  }, [])

  return (
    <Card title="Microphone" name="microphone">
      {obstacle !== null && <p class="problem">{obstacle}</p>}
      <div class="row">
        {sending.isConnected ? (
          <button
            type="button"
            disabled={AT_STAKE.includes(standing.state)}
            title={AT_STAKE.includes(standing.state) ? 'End first' : ''}
            onClick={() => {
              rememberOpen(false)
              sending.close()
            }}
          >
            Disconnect
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={obstacle !== null || sending.isOpening}
            onClick={() => {
              rememberOpen(true)
              void sending.open(choice)
            }}
          >
            {sending.isOpening ? 'Opening…' : 'Connect the microphone'}
          </button>
        )}
        <select
          aria-label="Microphone"
          value={choice.deviceId ?? ''}
          disabled={obstacle !== null}
          onChange={({ currentTarget }) => change({ deviceId: currentTarget.value || null })}
        >
          <option value="">{sending.microphone?.label || "The system's own choice"}</option>
          {devices
            .filter(({ id }) => id !== 'default')
            .map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
        </select>
      </div>
      {sending.problem !== null && (
        <p class="problem" role="alert">
          {sending.problem}
        </p>
      )}
      {sending.microphone !== null && <Meter studio={studio} />}
      {heard !== null && (
        <p class="heard">
          The station hears you at <b>{Math.round(heard.peakDbfs)} dB</b> peak, <b>{Math.round(heard.levelDbfs)} dB</b>{' '}
          on average
        </p>
      )}
      {sending.microphone === null && sending.isConnected && sending.problem !== null && (
        <button type="button" onClick={() => void sending.open(choice)}>
          Try again
        </button>
      )}
      <fieldset class="switches">
        <legend class="faint">Sound</legend>
        {SWITCHES.map(([name, words]) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={choice[name]}
              // Stereo needs another connection: not while somebody listens.
              disabled={name === 'stereo' && AT_STAKE.includes(standing.state)}
              onChange={({ currentTarget }) => change({ [name]: currentTarget.checked })}
            />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
    </Card>
  )
}

const SWITCHES: ['stereo' | 'echoCancellation' | 'noiseSuppression' | 'autoGainControl', string][] = [
  ['stereo', 'Stereo'],
  ['echoCancellation', 'Echo cancellation'],
  ['noiseSuppression', 'Noise suppression'],
  ['autoGainControl', 'Automatic level'],
]
