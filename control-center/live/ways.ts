import { pushSignatureOf } from '../../platform/credentials.ts'
import type { StudioEncoder } from '../../schemas/api-live.ts'
import type { LiveGrant } from '../../schemas/live.ts'
import { hostInUrl, type JudgedNode } from '../nodes/node-lists.ts'
import type { NodeRecord } from '../nodes/node-record.ts'

/** A key that addresses can be signed with. */
export type SigningKey = Pick<LiveGrant, 'keyId' | 'srt'> & { signingKey: string }

type Way = { host: string; record: NodeRecord & Required<Pick<NodeRecord, 'waysIn'>> }

/**
 * The ingest nodes that senders can be sent to, those that serve first.
 *
 * @param ownHost by which others reach this machine: for nodes that are here too
 */
export function waysInto(nodes: readonly JudgedNode[], ownHost: string): Way[] {
  const ways = nodes.flatMap(({ record, state }) => {
    const { waysIn } = record
    if (record.role !== 'ingest' || !waysIn) return []
    const host = isOfThisMachine(record.address) ? ownHost : record.address
    return [{ serving: state === 'serving', host: hostInUrl(host), record: { ...record, waysIn } }]
  })
  return ways.sort((a, b) => Number(b.serving) - Number(a.serving))
}

export const studioUrlsOf = (ways: readonly Way[]): string[] =>
  ways.flatMap(({ host, record: { waysIn } }) =>
    waysIn.studio === null ? [] : [`${waysIn.secure ? 'wss' : 'ws'}://${host}:${waysIn.studio}/studio`],
  )

/** `<keyId>.<expires>.<signature>`: a signed push address in one word. */
export const ticketOf = ({ keyId, signingKey }: SigningKey, expires: number): string =>
  `${keyId}.${expires}.${pushSignatureOf(signingKey, keyId, expires)}`

/**
 * What encoders are to be set to: signed until `expires` (Unix seconds), so that no key is shown that holds for ever. Icecast senders show
 * the key id as user and `<expires>.<signature>` as password.
 */
export function encoderWays(ways: readonly Way[], key: SigningKey, expires: number): StudioEncoder {
  const { keyId, srt } = key
  const signature = pushSignatureOf(key.signingKey, keyId, expires)
  const expiresMs = expires * 1000
  const streamName = `${keyId}?expires=${expires}&signature=${signature}`
  const rtmp = (scheme: 'rtmp' | 'rtmps'): StudioEncoder['rtmp'] =>
    ways.flatMap(({ host, record: { waysIn } }) => {
      const port = waysIn[scheme]
      return port === null ? [] : [{ server: `${scheme}://${host}:${port}/live`, streamName, expiresMs }]
    })
  return {
    keyId,
    rtmp: rtmp('rtmp'),
    rtmps: rtmp('rtmps'),
    icecast: ways.flatMap(({ host, record: { waysIn } }) =>
      waysIn.icecast === null
        ? []
        : [
            {
              ...{ host, port: waysIn.icecast, mount: '/live' },
              ...{ user: keyId, password: `${expires}.${signature}`, expiresMs },
            },
          ],
    ),
    srt: srt === null ? [] : ways.map(({ host }) => ({ host, ...srt })),
  }
}

export const isOfThisMachine = (address: string): boolean =>
  address === 'localhost' || address === '::1' || address.startsWith('127.')
