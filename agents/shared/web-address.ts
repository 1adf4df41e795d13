/** The address that a flag names, without a slash at its end; throws an Error that tells a person what to write instead. */
export function webAddress(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error(`${flag} ${text} is not an address such as http://127.0.0.1:8080`)
  return text.replace(/\/+$/, '')
}
