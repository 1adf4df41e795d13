/**
 * The origin is asked by the path that the location was chosen by and that the cache's key is made of: decoded, dots and double slashes
 * resolved. By the path as it was sent, an odd spelling (`//hls/…`, `/x/..%2fhls/…`), which no origin knows, would have its 404 kept as the
 * answer for everybody. Without the query, which is no part of the key. Stands after all checks of a location: it ends the rewriting.
 */
export const CANONICAL_PATH = 'rewrite ^ $uri? break;'

/** The same where the query matters. */
export const CANONICAL_PATH_WITH_QUERY = 'rewrite ^ $uri break;'
