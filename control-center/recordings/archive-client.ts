import { type IncomingMessage, request } from 'node:http'
import type { Static, TSchema } from 'typebox'
import type { Clock } from '../../platform/clock.ts'
import { check } from '../../schemas/check.ts'
import type { ErrorCode } from '../../schemas/errors.ts'
import { type JudgedNode, urlOf } from '../nodes/node-lists.ts'
import type { NodeRecord } from '../nodes/node-record.ts'
import { Refusal } from '../refusal.ts'

/** Longer than the archive itself waits for a file that it makes. */
const HEAD_MS_MAX = 25_000
const BODY_BYTES_MAX = 16 * 1024 * 1024

export type Asked = { method: string; path: string; headers?: Record<string, string>; body?: unknown }
export type ArchiveClient = ReturnType<typeof createArchiveClient>

/** Asks the archive on behalf of people. Refusals carry the archive's own sentence. */
export function createArchiveClient(nodes: () => JudgedNode[], clock: Clock) {
  function archive(): NodeRecord & { archiveKey: string } {
    const known = nodes().filter(({ record }) => record.role === 'archive' && record.archiveKey !== undefined)
    const chosen =
      known.find(({ state }) => state === 'serving') ?? known.find(({ state }) => state !== 'silent') ?? known[0]
    if (!chosen) throw new Refusal('archive-missing', 'No archive is registered.')
    return chosen.record as NodeRecord & { archiveKey: string }
  }

  /** Opens an answer; its body must be read, or destroyed. */
  function open({ method, path, headers = {}, body }: Asked): Promise<IncomingMessage> {
    const record = archive()
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const outgoing = request(`${urlOf(record)}/recordings${path}`, {
        method,
        agent: false,
        headers: {
          ...headers,
          authorization: `Bearer ${record.archiveKey}`,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      })
      const cancel = clock.after(HEAD_MS_MAX, () =>
        outgoing.destroy(new Error(`it did not answer within ${HEAD_MS_MAX / 1000} s`)),
      )
      outgoing.on('error', (error) => {
        cancel()
        reject(new Refusal('archive-unreachable', `The archive ${record.id} can't be asked: ${error.message}.`))
      })
      outgoing.on('response', (answer) => {
        cancel()
        resolve(answer)
      })
      outgoing.end(text)
    })
  }

  return {
    open,
    /** The answer as a document of a schema. Throws a Refusal. */
    async ask<S extends TSchema>(asked: Asked, schema: S): Promise<Static<S>> {
      const answer = await open(asked)
      const text = await textOf(answer)
      if (answer.statusCode !== 200) throw refusalOf(answer.statusCode ?? 0, text)
      const checked = check(schema, parsed(text))
      if (checked.ok) return checked.value
      const [problem] = checked.problems
      throw new Refusal('archive-unreachable', `The archive's answer: ${problem?.path}: ${problem?.message}.`)
    },
    /** What an answer that is no success is turned into; its body is read. */
    refused: async (answer: IncomingMessage): Promise<Refusal> =>
      refusalOf(answer.statusCode ?? 0, await textOf(answer)),
  }
}

const CODES: Record<number, ErrorCode> = {
  400: 'request-invalid',
  404: 'recording-unknown',
  409: 'recording-conflict',
  416: 'recording-conflict',
}

function refusalOf(status: number, text: string): Refusal {
  const told = parsed(text) as { message?: unknown } | null
  const sentence = typeof told?.message === 'string' ? told.message : text.trim().slice(0, 300)
  return new Refusal(CODES[status] ?? 'archive-unreachable', sentence || `The archive answered ${status}.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) throw new Refusal('archive-unreachable', 'The archive answered too much.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
