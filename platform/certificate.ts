import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** PEM texts, fit for `node:tls` and `node:https`. */
export type Certificate = { cert: string; key: string }

/**
 * Reads a certificate and its key, and tries whether they fit together. Never throws: what is wrong comes back as a sentence.
 *
 * @param paths of the PEM files
 */
export function readCertificate(paths: {
  certificate: string
  key: string
}): { ok: true; certificate: Certificate } | { ok: false; problem: string } {
  const cert = textOf(paths.certificate)
  const key = textOf(paths.key)
  if (!cert.ok) return { ok: false, problem: `The certificate ${paths.certificate} can't be read: ${cert.why}.` }
  if (!key.ok) return { ok: false, problem: `The certificate's key ${paths.key} can't be read: ${key.why}.` }
  const certificate = { cert: cert.text, key: key.text }
  try {
    createSecureContext(certificate)
    return { ok: true, certificate }
  } catch (error) {
    const why = (error as Error).message
    return {
      ok: false,
      problem: `The certificate ${paths.certificate} and the key ${paths.key} can't be used together, or are not PEM: ${why}.`,
    }
  }
}

function textOf(path: string): { ok: true; text: string } | { ok: false; why: string } {
  try {
    return { ok: true, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return { ok: false, why: 'there is no such file' }
    return { ok: false, why: code === 'EACCES' ? 'this user may not read it' : (error as Error).message }
  }
}
