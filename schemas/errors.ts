import Type, { type Static } from 'typebox'

/**
 * Every error that the control center's API answers with. Each has a code to program against, an HTTP status, and a sentence
 * that tells a person what to do.
 */
export const ERRORS = {
  'request-invalid': {
    status: 400,
    advice: 'Correct the fields named in `problems`; /docs describes each of them.',
  },
  'body-not-json': { status: 400, advice: 'Send a JSON body with Content-Type: application/json.' },
  'join-token-wrong': {
    status: 401,
    advice: 'Start the node with the join token that the control center was started with (AIRTIGHT_JOIN_TOKEN).',
  },
  'credential-wrong': {
    status: 401,
    advice:
      'Register again: the node is not known under this credential (it registered anew elsewhere, or was forgotten).',
  },
  'generation-old': {
    status: 401,
    advice: 'Register again: a newer generation of this node has registered since.',
  },
  'not-found': { status: 404, advice: 'Look the path up in /docs.' },
  'node-unsupported': {
    status: 409,
    advice: 'Install the same version on the node as on the control center, then register again.',
  },
  'nodes-too-many': { status: 409, advice: 'Let nodes that are no longer there leave first.' },
  'slicer-without-rtmp-port': { status: 400, advice: 'A slicer must name the RTMP port that it takes the push on.' },
  'body-too-large': { status: 413, advice: 'Send less: no request to this API needs more than 64 KiB.' },
  'media-type-unsupported': { status: 415, advice: 'Send a JSON body with Content-Type: application/json.' },
  'attempts-too-many': {
    status: 429,
    advice: 'Wait a minute, and correct the join token before the next attempt.',
  },
  defect: { status: 500, advice: 'This is a defect of the control center: its log has the details.' },
  'playout-unreachable': {
    status: 503,
    advice: 'Start playout, or correct --playout; the answer is known only to playout and was never read before.',
  },
  'nothing-planned': {
    status: 503,
    advice: 'Wait for the first plan; /api/status says what it is waiting for.',
  },
} as const satisfies Record<string, { status: number; advice: string }>

export type ErrorCode = keyof typeof ERRORS

export const ErrorAnswer = Type.Object({
  error: Type.String({ description: 'One of the codes of the catalogue' }),
  /** What happened, in a sentence. */
  message: Type.String(),
  /** What to do about it, in a sentence. */
  advice: Type.String(),
  problems: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
})
export type ErrorAnswer = Static<typeof ErrorAnswer>
