/** What a peer can do wrong. The kind is for counting and for keeping logs short; the message is for people. */
export type RtmpErrorKind =
  | 'handshake'
  | 'message-size'
  | 'chunk-streams'
  | 'buffered-bytes'
  | 'chunk-header'
  | 'amf'
  | 'command'
  | 'refused'

/** An expected error: the peer broke the protocol or a limit. The connection ends, nothing else does. */
export class RtmpError extends Error {
  readonly kind: RtmpErrorKind

  constructor(kind: RtmpErrorKind, message: string) {
    super(message)
    this.name = 'RtmpError'
    this.kind = kind
  }
}
