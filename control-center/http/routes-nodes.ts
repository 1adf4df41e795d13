import { LeaveAnswer, NodeParams, NodesAnswer } from '../../schemas/api.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { Heartbeat, NodeBriefing, NodeRegistered, NodeRegistration } from '../../schemas/nodes.ts'
import { createAttemptLimit } from '../nodes/attempt-limit.ts'
import { Refusal } from '../refusal.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['nodes']
const FAILURES_PER_MINUTE = 20

/** How nodes make themselves known. Registering needs the join token, the rest the node's own credential. */
export function nodeRoutes(app: App, world: World): void {
  const failures = createAttemptLimit(FAILURES_PER_MINUTE, 60_000)

  app.post(
    '/api/nodes/register',
    {
      // Join token and credentials are looked at by the registry.
      config: { allow: 'anyone' },
      schema: {
        tags,
        summary: 'A node joins, or joins again',
        body: NodeRegistration,
        response: { 200: NodeRegistered, 401: ErrorAnswer, 409: ErrorAnswer, 429: ErrorAnswer },
      },
    },
    async (request): Promise<NodeRegistered> => {
      try {
        return await world.registry.register(request.body)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const waitSeconds = failures.count(request.ip, world.clock.monotonicMs())
        if (waitSeconds > 0)
          throw new Refusal('attempts-too-many', `Too many failed registrations from ${request.ip}.`, waitSeconds)
        world.log.warn({ from: request.ip, id: request.body.id }, `registration refused: ${error.message}`)
        throw error
      }
    },
  )

  app.post(
    '/api/nodes/:id/heartbeat',
    {
      // Join token and credentials are looked at by the registry.
      config: { allow: 'anyone' },
      schema: {
        tags,
        summary: 'A node says how it is, and hears what it must know',
        params: NodeParams,
        body: Heartbeat,
        security: [{ node: [] }],
        response: { 200: NodeBriefing, 401: ErrorAnswer },
      },
    },
    (request): NodeBriefing => world.registry.heartbeat(request.params.id, request.headers.authorization, request.body),
  )

  app.post(
    '/api/nodes/:id/leave',
    {
      // Join token and credentials are looked at by the registry.
      config: { allow: 'anyone' },
      schema: {
        tags,
        summary: 'A node says goodbye',
        params: NodeParams,
        security: [{ node: [] }],
        response: { 200: LeaveAnswer, 401: ErrorAnswer },
      },
    },
    (request): { ok: true } => {
      world.registry.leave(request.params.id, request.headers.authorization)
      return { ok: true }
    },
  )

  app.get(
    '/api/nodes',
    { schema: { tags, summary: 'Every node, where it stands and why', response: { 200: NodesAnswer } } },
    (): NodesAnswer => ({ nodes: world.registry.views(), serving: world.registry.serving() }),
  )
}
