import { PREFLIGHT } from './preflight.ts'

/**
 * Signed listening: `/s/<expires>.<signature>/hls/…` is checked, then answered as `/hls/…`. So relative addresses in playlists keep the
 * prefix, and the caches' keys don't have it: all listeners share one copy (ngx_http_secure_link_module; `playbackSignatureOf`).
 * Without a key the prefix means nothing, and addresses that were signed before go on working.
 */
export function signedLocation(playbackKey: string | null): string {
  const check =
    playbackKey === null
      ? ''
      : `secure_link $link_signature,$link_expires;
      secure_link_md5 "$secure_link_expires ${wellFormed(playbackKey)}";
      if ($secure_link = "") { return 403 "this address was not signed by the station\\n"; }
      if ($secure_link = "0") { return 403 "this address has expired: ask the station for a new one\\n"; }
      `
  return `    # Set where a signature has been found good; it outlasts the rewriting.
    set $playback "";
    location ~ "^/s/(?<link_expires>[0-9]{1,12})\\.(?<link_signature>[A-Za-z0-9_-]{22})(?<link_path>/(?!s/).*)$" {
      ${PREFLIGHT}
      types {}
      default_type text/plain;
      add_header Access-Control-Allow-Origin * always;
      add_header Cache-Control no-store always;
      ${check}set $playback granted;
      rewrite ^ $link_path last;
    }
`
}

/** Stands in each location that listeners hear the station by. */
export function grantCheck(playbackKey: string | null): string {
  if (playbackKey === null) return '# Open to all.'
  return `types {}
      default_type text/plain;
      if ($playback = "") {
        add_header Access-Control-Allow-Origin * always;
        add_header Cache-Control no-store always;
        return 403 "listening to this station needs a signed address: ask the station for one\\n";
      }`
}

/** It is hexadecimal, so that nothing in it means anything to nginx. */
function wellFormed(playbackKey: string): string {
  if (!/^[0-9a-f]{64}$/.test(playbackKey)) throw new Error('the playback key is not the SHA-256 that it should be')
  return playbackKey
}
