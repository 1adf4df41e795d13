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
  'sign-in-needed': {
    status: 401,
    advice: 'Sign in at /sign-in, or send an API token as Authorization: Bearer.',
  },
  'sign-in-refused': {
    status: 401,
    advice: 'Check the name and the password. An admin can set a new password, or make a personal link, at /people.',
  },
  'link-unknown': {
    status: 401,
    advice:
      "Ask an admin for a new link. The first admin's link is in the launcher's banner, and in the file first-admin-link of the control center's data folder.",
  },
  'role-missing': { status: 403, advice: 'Ask an admin for the role that this needs, at /people.' },
  'csrf-refused': {
    status: 403,
    advice: 'Send the `csrf` of GET /api/session as header x-airtight-csrf, from a page of this control center.',
  },
  'name-taken': { status: 409, advice: 'Choose another name: names tell people apart in the log and on the air.' },
  'last-admin': { status: 409, advice: 'Make another person an admin first: somebody must be able to sign in as one.' },
  'account-conflict': { status: 409, advice: 'Correct what the message names, and try again.' },
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
  'orders-too-many': {
    status: 429,
    advice: 'Wait a few seconds: each order is carried out by the program that makes the air.',
  },
  'sign-in-delayed': {
    status: 429,
    advice: 'Wait for as long as the header retry-after says. The delay grows with each failed attempt.',
  },
  'sign-in-busy': { status: 503, advice: 'Try again in a few seconds: too many passwords are being checked.' },
  'accounts-read-only': {
    status: 503,
    advice:
      'Signing in and push keys go on working; changes need Redis. Bring it back (/api/status says what is wrong), then try again.',
  },
  defect: { status: 500, advice: 'This is a defect of the control center: its log has the details.' },
  'playout-unreachable': {
    status: 503,
    advice: 'Start playout, or correct --playout; the answer is known only to playout and was never read before.',
  },
  'session-unknown': { status: 404, advice: 'GET /api/live lists the sessions that there are.' },
  'session-of-another': {
    status: 403,
    advice: 'Give orders for your own session; an operator may give them for all.',
  },
  'order-refused': { status: 409, advice: 'GET /api/live says how things stand; give the order that fits.' },
  'order-unanswered': {
    status: 503,
    advice:
      'Look whether it was done (GET /api/live), and try again in a moment. The air goes on as it is; an anchor can also give the order through the encoder or studio connection.',
  },
  'preview-impossible': {
    status: 503,
    advice: 'Try again in a moment; the sender must be connected, and its ingest node reachable.',
  },
  'previews-too-many': { status: 429, advice: 'Stop another preview first.' },
  'listeners-too-many': { status: 429, advice: 'Close another page that shows live, then try again.' },
  'relay-unknown': { status: 404, advice: 'GET /api/relays and GET /api/relays-out list what there is.' },
  'relay-conflict': { status: 409, advice: 'Correct what the message names, and try again.' },
  'no-ingest': { status: 503, advice: 'Start an ingest node; /api/nodes shows which ones are known.' },
  'archive-missing': { status: 503, advice: 'Start an archive node; /api/nodes shows which ones are known.' },
  'archive-unreachable': { status: 503, advice: 'Try again in a moment; /api/nodes says how the archive is.' },
  'recording-unknown': { status: 404, advice: 'GET /api/recordings lists what there is.' },
  'recording-conflict': { status: 409, advice: 'GET /api/recordings says how things stand; ask for what fits.' },
  'recording-of-another': { status: 403, advice: 'Ask for a recording of your own; an operator may have all.' },
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
