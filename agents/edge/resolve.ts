import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/**
 * Turns a URL's host name into an address, since nginx refuses its whole configuration for one name that it cannot
 * resolve. Keeps the last address known of each name; null when there has never been one. Never rejects.
 */
export function createResolver(
  find: (name: string) => Promise<string> = findAddress,
): (url: string) => Promise<string | null> {
  const known = new Map<string, string>()
  return async (url) => {
    const { protocol, hostname, port } = new URL(url)
    if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return url
    try {
      known.set(hostname, await find(hostname))
    } catch {
      // The last one known has to do.
    }
    const address = known.get(hostname)
    if (address === undefined) return null
    const host = address.includes(':') ? `[${address}]` : address
    return `${protocol}//${host}${port === '' ? '' : `:${port}`}`
  }
}

const findAddress = async (name: string): Promise<string> => (await lookup(name)).address
