import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type FastifyInstance, fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerErrors } from '../../../control-center/http/error-answers.ts'
import { pageRoutes } from '../../../control-center/http/routes-pages.ts'
import type { App } from '../../../control-center/http/server.ts'
import { compileValidator } from '../../../control-center/http/validation.ts'
import { createLogger } from '../../../platform/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-page-files-'))
const SCRIPT = `console.log(${JSON.stringify('on air '.repeat(100))})`
let app: FastifyInstance

const serve = (from: string): FastifyInstance => {
  const made = fastify()
  made.setValidatorCompiler(compileValidator)
  answerErrors(made, createLogger('test'))
  pageRoutes(made as unknown as App, from)
  return made
}

beforeAll(() => {
  mkdirSync(join(folder, 'page/assets'), { recursive: true })
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>Studio</title>')
  writeFileSync(join(folder, 'page/assets/main-abc123.js'), SCRIPT)
  writeFileSync(join(folder, 'secret.js'), 'not for anyone')
  app = serve(join(folder, 'page'))
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

describe("the studio's files", () => {
  it('come from memory: the page asked for anew each time, what it is made of kept for good', async () => {
    rmSync(join(folder, 'page/index.html'))
    const page = await app.inject('/studio')
    expect(page.statusCode).toBe(200)
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    const again = await app.inject({ url: '/studio', headers: { 'if-none-match': String(page.headers.etag) } })
    expect([again.statusCode, again.body]).toEqual([304, ''])

    const script = await app.inject({ url: '/studio/assets/main-abc123.js', headers: { 'accept-encoding': 'gzip' } })
    expect(script.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(gunzipSync(script.rawPayload).toString()).toBe(SCRIPT)
    expect((await app.inject('/studio/assets/main-abc123.js')).body).toBe(SCRIPT)
  })

  it('are the only ones', async () => {
    for (const path of ['/studio/nothing.js', '/studio/../secret.js', '/studio/%2e%2e/secret.js', '/studio/assets'])
      expect((await app.inject(path)).statusCode).toBe(404)
  })

  it('are missed in a sentence where the page has not been built', async () => {
    const unbuilt = serve(join(folder, 'nowhere'))
    const answer = await unbuilt.inject('/studio')
    expect(answer.statusCode).toBe(404)
    expect(answer.json().message).toContain('has not been built')
    await unbuilt.close()
  })
})
