import type { Origin } from '../origins.ts'
import { archiveLocations, archiveUpstream } from './archive-locations.ts'
import { CANONICAL_PATH, CANONICAL_PATH_WITH_QUERY } from './canonical-path.ts'
import { PREFLIGHT } from './preflight.ts'
import { grantCheck, signedLocation } from './signed-playback.ts'
import { hostOf } from './upstream-host.ts'

export type EdgeConfiguration = {
  /** What listeners may be sent to now: the serving slicers less those taken out. Empty: everything of the station answers 503. */
  origins: readonly Origin[]
  /** Changed after a step of the wall clock, which nginx's validity times follow: nothing stored before is looked at again. */
  cacheSalt: string
  /** http(s)://address:port of the archives, for past hours and podcasts. */
  archives: readonly string[]
  /** Listening needs an address that is signed under it (`platform/credentials.ts`); null: it needs none. */
  playbackKey: string | null
  listenHost: string
  listenPort: number
  /** Absolute; all that nginx writes stays in it. */
  dataFolder: string
  /** Absolute, of the edge agent's own answers and endless streams. */
  agentSocket: string
  /** Absolute, of the built listen page. */
  pageFolder: string
  /** http(s)://address:port of the control center, no path; null while its name cannot be resolved. */
  controlUrl: string | null
  /** The control center's name, as its own server knows it. */
  controlHost: string
  /** The user that workers run as; null when the agent is not root, for then they can only run as itself. */
  workerUser: string | null
  workers: number
}

/** The agent's own requests: not counted as listeners. */
export const AGENT_USER_AGENT = 'airtight-edge'
/** With the cache's salt, which nobody else knows, as its value: the playlist is fetched anew, and kept. */
export const RENEW_HEADER = 'x-airtight-renew'
/** Scripts come from here alone; the player makes its sound in the page itself. Other sites may show the page in a frame of theirs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "media-src 'self' blob: data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
/** In the data folder: one line a playlist that a listener asked for. */
export const ACCESS_LOG = 'listeners.log'

/**
 * nginx's whole configuration. The directives of the origins and of the cache are the ones that were measured against
 * killed, stopped, hanging, frozen and lying origins; each comment says what goes wrong without it.
 */
export function nginxConfiguration(edge: EdgeConfiguration): string {
  return `# Written by the edge agent; changes made by hand are lost.
${edge.workerUser === null ? '' : `user ${edge.workerUser};\n`}daemon off;
worker_processes ${edge.workers};
# A reload must not cut an endless stream short: old workers stay until their listeners leave; the agent bounds their number.
worker_shutdown_timeout 12h;
pid ${quoted(`${edge.dataFolder}/nginx.pid`)};
error_log stderr warn;
# Node has raised the limit of open files as far as it goes; nginx inherits that.
events { worker_connections 8192; }
http {
  types {
    text/html html; text/css css; text/javascript js; application/json json; image/svg+xml svg; image/png png;
    application/manifest+json webmanifest; application/vnd.apple.mpegurl m3u8; application/dash+xml mpd;
  }
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 30s;
  client_max_body_size 16k;
  client_header_timeout 10s;
  client_body_timeout 10s;
  send_timeout 20s;
  reset_timedout_connection on;
  client_body_temp_path ${quoted(`${edge.dataFolder}/temp/body`)};
  proxy_temp_path ${quoted(`${edge.dataFolder}/temp/proxy`)};
  fastcgi_temp_path ${quoted(`${edge.dataFolder}/temp/fastcgi`)};
  uwsgi_temp_path ${quoted(`${edge.dataFolder}/temp/uwsgi`)};
  scgi_temp_path ${quoted(`${edge.dataFolder}/temp/scgi`)};
  proxy_cache_path ${quoted(`${edge.dataFolder}/cache`)} keys_zone=airtight:4m max_size=400m inactive=2m use_temp_path=off;

  log_format listeners '$msec\\t$remote_addr\\t$uri\\t$http_user_agent';
  map $http_user_agent $counted { default 1; ${AGENT_USER_AGENT} 0; }
  map $http_x_airtight_renew $renewed { default 0; ${edge.cacheSalt} 1; }
  access_log off;
  # Players that read ahead of a live manifest ask for the next segment without a pause: each one gets five refusals a second.
  limit_req_zone $binary_remote_addr zone=missing:2m rate=5r/s;
  # A list of a past day is long, and each other moment that is asked for makes another one.
  limit_req_zone $binary_remote_addr zone=past:1m rate=5r/s;
  limit_req_status 429;

${upstreams(edge.origins)}${archiveUpstream(edge.archives)}
  upstream agent { server ${quoted(`unix:${edge.agentSocket}`)}; keepalive 4; }
${edge.controlUrl === null ? '' : `  upstream control { zone control 64k; server ${hostOf(edge.controlUrl)} max_fails=0; keepalive 2; }\n`}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header X-Airtight-Renew "";
  # One second is for origins on the same network; the default of 60 s is a stall for every listener of a stopped process.
  proxy_connect_timeout 1s;
  proxy_send_timeout 1s;
  proxy_read_timeout 1s;
  # 404: a slicer that is a moment late. Each origin is asked at most once.
  proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 http_404;
  proxy_next_upstream_tries 3;
  proxy_next_upstream_timeout 4s;
  proxy_cache_key "${edge.cacheSalt} $uri";
  proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires X-Accel-Redirect X-Accel-Buffering;
  proxy_hide_header Cache-Control;
  proxy_hide_header Access-Control-Allow-Origin;
  proxy_buffers 32 8k;
  # One request an object goes to the origins, however many listeners ask at once.
  proxy_cache_lock on;
  proxy_cache_lock_age 2s;
  proxy_cache_lock_timeout 3s;

  gzip_types application/vnd.apple.mpegurl application/dash+xml application/json text/css text/javascript image/svg+xml;
  gzip_min_length 400;
  gzip_comp_level 3;
  gzip_proxied any;
  gzip_vary on;

  server {
    listen ${listenAddress(edge)};
    server_name _;
    root ${quoted(edge.pageFolder)};
    add_header Access-Control-Allow-Origin * always;
    error_page 404 @missing;

${signedLocation(edge.playbackKey)}${archiveLocations(edge.archives, edge.cacheSalt, edge.playbackKey)}${stationLocations(edge)}
    location @missing {
      internal;
      limit_req zone=missing burst=20;
      try_files /nothing-of-this-name =404;
    }

    # Endless streams: never buffered here, so that the agent sees who is slow. Frames come many times a second; a pause is an outage.
    location /stream/ {
      ${PREFLIGHT}
      ${grantCheck(edge.playbackKey)}
      proxy_pass http://agent;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      proxy_cache off;
      proxy_read_timeout 60s;
      proxy_next_upstream off;
    }
    location ~ ^/(healthz|metrics|listeners|listen\\.json|time)$ {
      proxy_pass http://agent;
      proxy_cache off;
      proxy_next_upstream off;
      add_header Cache-Control no-store always;
      add_header Access-Control-Allow-Origin * always;
    }
${controlLocation(edge)}    location / {
      gzip on;
      index index.html;
      add_header Cache-Control no-cache always;
      add_header Content-Security-Policy "${PAGE_POLICY}" always;
      add_header X-Content-Type-Options nosniff always;
    }
    location /assets/ {
      gzip on;
      add_header Cache-Control "public, max-age=31536000, immutable";
    }
  }
}
`
}

/** Round robin, no hash and no backup: a wrong answer with status 200 then spoils one refresh in n and not all of them. */
function upstreams(origins: readonly Origin[]): string {
  if (origins.length === 0) return ''
  const servers = origins.map((origin) => `    server ${hostOf(origin.url)} max_fails=1 fail_timeout=5s;`).join('\n')
  // Two groups: with shared turns the playlists could all land on one origin. The zone shares failure marks among workers.
  return ['playlists', 'segments']
    .map((name) => `  upstream ${name} {\n    zone ${name} 64k;\n${servers}\n    keepalive 16;\n  }\n`)
    .join('')
}

function stationLocations(edge: EdgeConfiguration): string {
  if (edge.origins.length === 0) {
    return `    location ~ ^/(hls|dash)/ { default_type text/plain; add_header Retry-After 1 always; return 503 "no slicer is serving yet\\n"; }\n`
  }
  return `    location ~ ^/(hls|dash)/[^.]+\\.(m3u8|mpd)$ {
      ${PREFLIGHT}
      ${grantCheck(edge.playbackKey)}
      access_log ${quoted(`${edge.dataFolder}/${ACCESS_LOG}`)} listeners buffer=32k flush=1s if=$counted;
      ${CANONICAL_PATH}
      proxy_pass http://playlists;
      proxy_cache airtight;
      # nginx counts whole seconds: this is up to two. The agent asks anew as soon as there is a new segment.
      proxy_cache_valid 200 1s;
      proxy_cache_bypass $renewed;
      # Only when every origin fails: an old playlist costs a player nothing, errors end some for good. Never "updating".
      proxy_cache_use_stale error timeout invalid_header http_500 http_502 http_503 http_504;
      proxy_intercept_errors on;
      gzip on;
      add_header Cache-Control no-cache always;
      add_header Access-Control-Allow-Origin * always;
    }
    location ~ ^/(hls|dash)/[^.]+\\.(m4s|mp4|ts|aac)$ {
      ${PREFLIGHT}
      ${grantCheck(edge.playbackKey)}
      ${CANONICAL_PATH}
      proxy_pass http://segments;
      proxy_cache airtight;
      proxy_cache_valid 200 10m;
      # Without it 200 clients that ask for a segment too early cost 600 requests.
      proxy_cache_valid 404 1s;
      proxy_intercept_errors on;
      proxy_force_ranges on;
      add_header Cache-Control "public, max-age=600, immutable";
      add_header Access-Control-Allow-Origin * always;
    }
`
}

/** What the page asks of the control center: one question in two seconds for all listeners, the last answer while it is away. */
function controlLocation(edge: EdgeConfiguration): string {
  if (edge.controlUrl === null) {
    return `    location /api/ { default_type text/plain; return 503 "the control center's address is not known\\n"; }\n`
  }
  return `    location ~ ^/api/(now-playing|history|station)$ {
      ${CANONICAL_PATH_WITH_QUERY}
      proxy_pass ${new URL(edge.controlUrl).protocol}//control;
      proxy_set_header Connection "";
      proxy_set_header Host ${edge.controlHost};
      proxy_ssl_server_name on;
      proxy_ssl_name ${edge.controlHost.replace(/:\d+$/, '')};
      proxy_cache airtight;
      proxy_cache_key "${edge.cacheSalt} $uri $arg_at $arg_limit";
      proxy_cache_valid 200 2s;
      proxy_cache_use_stale error timeout invalid_header http_500 http_502 http_503 http_504;
      gzip on;
      add_header Cache-Control "public, max-age=2" always;
      add_header Access-Control-Allow-Origin * always;
    }
`
}

function listenAddress(edge: EdgeConfiguration): string {
  const host = edge.listenHost.includes(':') ? `[${edge.listenHost}]` : edge.listenHost
  return `${host}:${edge.listenPort}`
}

/** A path as nginx reads it: quoted, with its own quotes escaped. A dollar sign would be a variable in some directives. */
function quoted(path: string): string {
  if (/[$\n\r\0]/.test(path)) throw new Error(`nginx cannot use a path with a dollar sign or a line break: ${path}`)
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
