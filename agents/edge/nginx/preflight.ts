/** What a browser asks before a player's own headers may go to another origin. It is answered here, with all its headers: `if` inherits none. */
export const PREFLIGHT = `if ($request_method = OPTIONS) {
        add_header Access-Control-Allow-Origin *;
        add_header Access-Control-Allow-Methods "GET, HEAD, OPTIONS";
        add_header Access-Control-Allow-Headers "Range, If-None-Match, If-Range, Icy-MetaData";
        add_header Access-Control-Max-Age 86400;
        return 204;
      }`
