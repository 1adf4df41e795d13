import {
  RelayAnswer,
  RelayOutAnswer,
  RelayOutChange,
  RelayOutCreation,
  RelayOutParams,
  RelayParams,
  RelayStart,
  RelaysAnswer,
  RelaysOutAnswer,
} from '../../schemas/api-live.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { emptyBody } from './empty-body.ts'
import { LIVE_READERS, STATION_ORDERS } from './live-access.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['relays']

/** Streams of others that are pulled in, and platforms of others that are pushed to. */
export function relayRoutes(app: App, { live: { relays, relaysOut }, audit }: World): void {
  app.get(
    '/api/relays',
    {
      config: { allow: LIVE_READERS },
      schema: { tags, summary: 'Streams that are pulled in, and when', response: { 200: RelaysAnswer } },
    },
    () => ({ relays: relays.list() }),
  )
  app.post(
    '/api/relays/:keyId/start',
    {
      config: { allow: STATION_ORDERS },
      preValidation: emptyBody,
      schema: {
        ...{ tags, summary: 'Pulls a stream in from now on', params: RelayParams, body: RelayStart },
        response: { 200: RelayAnswer, 404: ErrorAnswer },
      },
    },
    (request) => {
      const relay = relays.start(request.params.keyId, request.body.untilMs)
      audit.write({ caller: request.caller, action: 'start relay', subject: `${relay.keyId} (${relay.name})` })
      return { relay }
    },
  )
  app.post(
    '/api/relays/:keyId/stop',
    {
      config: { allow: STATION_ORDERS },
      schema: {
        ...{ tags, summary: 'Ends it, also when its own time is not over', params: RelayParams },
        response: { 200: RelayAnswer, 404: ErrorAnswer },
      },
    },
    (request) => {
      const relay = relays.stop(request.params.keyId)
      audit.write({ caller: request.caller, action: 'stop relay', subject: `${relay.keyId} (${relay.name})` })
      return { relay }
    },
  )

  app.get(
    '/api/relays-out',
    {
      config: { allow: LIVE_READERS },
      schema: { tags, summary: 'Platforms that are pushed to, and how it goes', response: { 200: RelaysOutAnswer } },
    },
    () => ({ relaysOut: relaysOut.list() }),
  )
  app.post(
    '/api/relays-out',
    {
      config: { allow: STATION_ORDERS },
      schema: {
        ...{ tags, summary: 'Adds a platform; its stream name is never shown again', body: RelayOutCreation },
        response: { 200: RelayOutAnswer, 409: ErrorAnswer },
      },
    },
    (request) => {
      const relayOut = relaysOut.make(request.body)
      const detail = `${relayOut.url}, ${relayOut.rendition}`
      audit.write({ caller: request.caller, action: 'make relay out', subject: about(relayOut), detail })
      return { relayOut }
    },
  )
  app.patch(
    '/api/relays-out/:id',
    {
      config: { allow: STATION_ORDERS },
      schema: {
        ...{ tags, summary: 'Changes what is named', params: RelayOutParams, body: RelayOutChange },
        response: { 200: RelayOutAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    (request) => {
      const relayOut = relaysOut.change(request.params.id, request.body)
      const detail = Object.keys(request.body).join(', ')
      audit.write({ caller: request.caller, action: 'change relay out', subject: about(relayOut), detail })
      return { relayOut }
    },
  )
  app.delete(
    '/api/relays-out/:id',
    {
      config: { allow: STATION_ORDERS },
      schema: {
        ...{ tags, summary: 'Ends the push and forgets the platform', params: RelayOutParams },
        response: { 200: RelayOutAnswer, 404: ErrorAnswer },
      },
    },
    (request) => {
      const relayOut = relaysOut.remove(request.params.id)
      audit.write({ caller: request.caller, action: 'remove relay out', subject: about(relayOut) })
      return { relayOut }
    },
  )
}

const about = ({ id, name }: { id: string; name: string }): string => `${id} (${name})`
