import { CANONICAL_PATH, CANONICAL_PATH_WITH_QUERY } from './canonical-path.ts'
import { PREFLIGHT } from './preflight.ts'
import { grantCheck } from './signed-playback.ts'
import { hostOf } from './upstream-host.ts'

export function archiveUpstream(archives: readonly string[]): string {
  if (archives.length === 0) return ''
  const servers = archives.map((url) => `    server ${hostOf(url)} max_fails=1 fail_timeout=5s;`).join('\n')
  return `  upstream archives {\n    zone archives 64k;\n${servers}\n    keepalive 4;\n  }\n`
}

/** Past hours and podcasts. They come from a disk that may be slow, and nobody's live sound waits for them. */
export function archiveLocations(archives: readonly string[], cacheSalt: string, playbackKey: string | null): string {
  if (archives.length === 0)
    return `    location ~ "^/(hls/[^/]+/[^/]+/catchup[./]|podcast[./])" { types {} default_type text/plain; return 404 "this station has no archive\\n"; }\n`
  return `    # The span asked for is part of the key: the same path lists another hour.
    location ~ ^/hls/[^/.]+/[^/.]+/catchup\\.m3u8$ {
      ${PREFLIGHT}
      ${grantCheck(playbackKey)}
      ${CANONICAL_PATH_WITH_QUERY}
      proxy_pass http://archives;
      proxy_read_timeout 10s;
      proxy_next_upstream_timeout 10s;
      proxy_cache airtight;
      proxy_cache_key "${cacheSalt} $uri $arg_from $arg_to";
      # What one listener asks for once takes no room from what all listen to now.
      proxy_cache_min_uses 2;
      limit_req zone=past burst=40 nodelay;
      proxy_cache_valid 200 10s;
      proxy_cache_valid 400 404 416 1s;
      gzip on;
      add_header Cache-Control no-cache always;
      add_header Access-Control-Allow-Origin * always;
    }
    location ~ ^/hls/[^/.]+/[^/.]+/catchup/[^/.]+\\.(m4s|mp4)$ {
      ${PREFLIGHT}
      ${grantCheck(playbackKey)}
      ${CANONICAL_PATH}
      proxy_pass http://archives;
      proxy_read_timeout 10s;
      proxy_next_upstream_timeout 10s;
      proxy_cache airtight;
      proxy_cache_valid 200 10m;
      proxy_cache_valid 404 1s;
      proxy_force_ranges on;
      add_header Cache-Control "public, max-age=600, immutable";
      add_header Access-Control-Allow-Origin * always;
    }
    # Published: for everyone. Files are as long as shows, so they are handed through, and ranges are the archive's business.
    location ~ ^/podcast(\\.xml$|/) {
      ${PREFLIGHT}
      ${CANONICAL_PATH}
      proxy_pass http://archives;
      proxy_read_timeout 30s;
      proxy_cache off;
      proxy_max_temp_file_size 0;
      proxy_next_upstream_timeout 30s;
      add_header Access-Control-Allow-Origin * always;
    }
`
}
