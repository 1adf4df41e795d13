/** What a publisher addresses: `rtmp://host/application/stream?query`. */
export type PublishAddress = { application: string; stream: string; query: URLSearchParams }

/**
 * Encoders put the query behind the stream name, behind the application, or only into tcUrl; applications may end in a slash, or
 * be missing when tcUrl has them. A name given twice counts where it is closest to the stream.
 */
export function publishAddress(app: string, tcUrl: string, streamName: string): PublishAddress {
  const [tcPath, tcQuery] = splitQuery(tcUrl)
  const [appPath, appQuery] = splitQuery(app)
  const [stream, streamQuery] = splitQuery(streamName)
  const path = appPath || tcPath.replace(/^[a-z]+:\/\/[^/]*/i, '')
  const query = new URLSearchParams(streamQuery)
  for (const outer of [appQuery, tcQuery])
    for (const [name, value] of new URLSearchParams(outer)) if (!query.has(name)) query.append(name, value)
  return { application: trimSlashes(path), stream: trimSlashes(stream), query }
}

function splitQuery(text: string): [string, string] {
  const at = text.indexOf('?')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const trimSlashes = (path: string): string => path.replace(/^\/+|\/+$/g, '')
