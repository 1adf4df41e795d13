import { useState } from 'preact/hooks'
import type { StudioEncoder } from '../../../schemas/api-live.ts'
import { ask } from '../account/api.ts'
import { Card } from './card.tsx'
import { CopyButton } from './copy-button.tsx'
import { QrCode } from './qr-code.tsx'
import type { Studio } from './use-studio.ts'

type Setting = { name: string; value: string; isSecret?: boolean }
type Way = { title: string; settings: Setting[]; address: string; expiresMs: number | null }

/** What to enter into OBS, BUTT and their like, asked for only when somebody wants it: it lets others on air in your name. */
export function EncoderSettings({ studio }: { studio: Studio }) {
  const [ways, setWays] = useState<Way[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [shownCode, setShownCode] = useState<string | null>(null)
  const fetchWays = (): void => {
    setProblem(null)
    ask<StudioEncoder>('GET', '/api/studio/encoder').then(
      (encoder) => setWays(waysOf(encoder)),
      (error: Error) => setProblem(error.message),
    )
  }
  return (
    <Card title="Encoder instead of this page" name="encoder">
      {ways === null ? (
        <div class="row">
          <button type="button" onClick={fetchWays}>
            Show the settings for OBS, BUTT and SRT
          </button>
          <span class="faint">Who has them can speak in your name: keep them to yourself.</span>
        </div>
      ) : (
        <button type="button" class="quiet" onClick={() => setWays(null)}>
          Hide the settings
        </button>
      )}
      {problem !== null && <p class="problem">{problem}</p>}
      {ways?.length === 0 && <p class="faint">No ingest node takes encoders at present.</p>}
      <div class="ways">
        {ways?.map((way) => (
          <div key={way.address} class="way-in">
            <h3>{way.title}</h3>
            <dl>
              {way.settings.map(({ name, value, isSecret }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <code class={isSecret ? 'secret' : ''}>{value}</code>
                    <CopyButton text={value} what={`${way.title}: ${name}`} />
                  </dd>
                </div>
              ))}
            </dl>
            {way.expiresMs !== null && (
              <p class="faint">Holds until {new Date(way.expiresMs).toLocaleString()}; then fetch new ones here.</p>
            )}
            <button
              type="button"
              class="quiet"
              aria-expanded={shownCode === way.address}
              onClick={() => setShownCode(shownCode === way.address ? null : way.address)}
            >
              {shownCode === way.address ? 'Hide the code' : 'QR code for a telephone'}
            </button>
            {shownCode === way.address && <QrCode text={way.address} />}
          </div>
        ))}
      </div>
      <p class="faint">
        Once the encoder is connected, its session appears above, and <i>Go live</i> works for it in the same way
        {studio.sending.isConnected ? ' (disconnect the microphone here first)' : ''}.
      </p>
    </Card>
  )
}

function waysOf({ rtmp, rtmps, icecast, srt }: StudioEncoder): Way[] {
  const push =
    (title: string) =>
    (way: StudioEncoder['rtmp'][number]): Way => ({
      title,
      settings: [
        { name: 'Server', value: way.server },
        { name: 'Stream key', value: way.streamName, isSecret: true },
      ],
      address: `${way.server}/${way.streamName}`,
      expiresMs: way.expiresMs,
    })
  return [
    ...rtmps.map(push('OBS, encrypted (RTMPS)')),
    ...rtmp.map(push('OBS (RTMP)')),
    ...icecast.map(({ host, port, mount, user, password, expiresMs }) => ({
      title: 'BUTT, Mixxx (Icecast)',
      settings: [
        { name: 'Address', value: host },
        { name: 'Port', value: String(port) },
        { name: 'Mount', value: mount },
        { name: 'User', value: user },
        { name: 'Password', value: password, isSecret: true },
      ],
      address: `icecast://${user}:${password}@${host}:${port}${mount}`,
      expiresMs,
    })),
    ...srt.map(({ host, port, passphrase }) => ({
      title: 'SRT',
      settings: [
        { name: 'Address', value: `srt://${host}:${port}` },
        { name: 'Passphrase', value: passphrase, isSecret: true },
      ],
      address: `srt://${host}:${port}?mode=caller&passphrase=${encodeURIComponent(passphrase)}`,
      expiresMs: null,
    })),
  ]
}
