import type { AmfValue } from './amf0.ts'

/** The answer to `connect` (RTMP 1.0, 7.2.1.1). */
export function connectAnswer(transaction: number, objectEncoding: 0 | 3): AmfValue[] {
  const server = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }
  const information = {
    level: 'status',
    code: 'NetConnection.Connect.Success',
    description: 'Connection accepted.',
    objectEncoding,
  }
  return ['_result', transaction, server, information]
}

/**
 * Answers to the commands that encoders send around `publish` and that change nothing here. Some encoders wait for them; a call
 * with a transaction that nobody knows is answered with an error, as the protocol asks.
 */
export function answerOf(name: string, transaction: number, argument: AmfValue): AmfValue[][] {
  const description = typeof argument === 'string' ? argument : ''
  switch (name) {
    case 'FCPublish':
      return [
        ['_result', transaction, null, undefined],
        ['onFCPublish', 0, null, { code: 'NetStream.Publish.Start', description }],
      ]
    case 'releaseStream':
    case '_checkbw':
      return [['_result', transaction, null, undefined]]
    case 'getStreamLength':
      return [['_result', transaction, null, 0]]
    case '_result':
    case '_error':
      return []
    default:
      if (transaction === 0) return []
      return [
        [
          '_error',
          transaction,
          null,
          { level: 'error', code: 'NetConnection.Call.Failed', description: 'There is no such method.' },
        ],
      ]
  }
}
