import type { TSchema } from 'typebox'

/** A step into a document: a field's name or an item's index. */
export type DocumentPath = readonly (string | number)[]
export type DocumentProblem = { path: DocumentPath; message: string }

/** The part of a JSON schema that our TypeBox schemas use, as it lies in memory. */
type Schema = {
  type?: string
  anyOf?: Schema[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minProperties?: number
  maxProperties?: number
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  default?: unknown
  examples?: unknown[]
}

/** What a field with a pattern is called, to say that something else is not one. */
export const nounsOfPatternFields: Readonly<Record<string, string>> = {
  start: 'a time of day',
  end: 'a time of day',
  time: 'a time of day',
  everyHourAt: 'a minute and second of the hour',
  id: 'an id of small letters, digits and hyphens',
  joinTokenEnv: 'the name of an environment variable',
  controlTokenEnv: 'the name of an environment variable',
  playbackSecretEnv: 'the name of an environment variable',
  url: 'an address that can be pulled from',
}
const examplesOfPatternFields: Readonly<Record<string, string>> = { id: 'high', everyHourAt: '00:00' }

/**
 * Every place where a document does not fit its schema, each as a sentence for the person who wrote it, with an example of
 * right. The schema validator's own words ("must match a schema in anyOf") are for programmers; these are not.
 * Unions are explained by the branch that the writer most likely meant.
 */
export function problemsOf(schema: TSchema, document: unknown): DocumentProblem[] {
  const problems: DocumentProblem[] = []
  explain(schema as Schema, document, [], problems)
  return problems
}

function explain(schema: Schema, value: unknown, path: DocumentPath, problems: DocumentProblem[]): void {
  if (schema.anyOf) explainUnion(schema, value, path, problems)
  else if (schema.type === 'object') explainObject(schema, value, path, problems)
  else if (schema.type === 'array') explainArray(schema, value, path, problems)
  else {
    const message = scalarProblem(schema, value, path)
    if (message) problems.push({ path, message })
  }
}

function explainUnion(schema: Schema, value: unknown, path: DocumentPath, problems: DocumentProblem[]): void {
  const branches = schema.anyOf!.filter((branch) => branch.type !== 'null')
  if (branches.length < schema.anyOf!.length && value === null) return
  if (branches.every((branch) => 'const' in branch)) {
    const allowed = branches.map((branch) => branch.const)
    if (allowed.includes(value)) return
    const near = typeof value === 'string' ? nearest(value, allowed.map(String)) : undefined
    const hint = near ? `; did you mean ${near}?` : `; write it like ${asYaml(exampleOf(schema) ?? allowed[0])}`
    problems.push({ path, message: `${asWritten(value)} is not one of ${allowed.join(', ')}${hint}` })
    return
  }
  const attempts = branches.map((branch) => {
    const found: DocumentProblem[] = []
    explain(branch, value, path, found)
    return { branch, found }
  })
  if (attempts.some((attempt) => attempt.found.length === 0)) return
  const meant = attempts.reduce((best, next) =>
    fieldsInCommon(next.branch, value) > fieldsInCommon(best.branch, value) ? next : best,
  )
  if (branches.length > 1 && fieldsInCommon(meant.branch, value) === 0) {
    const choices = branches.map((branch) => asYaml(exampleOf(branch))).join(' or ')
    problems.push({ path, message: `${asWritten(value)} is none of what it may be; write it like ${choices}` })
  } else if (branches.length === 1 && meant.branch.type === 'string' && typeof value !== 'string') {
    problems.push({
      path,
      message: `${asWritten(value)} is not a text; write it like ${asYaml(exampleOf(schema))}, or null`,
    })
  } else problems.push(...meant.found)
}

function explainObject(schema: Schema, value: unknown, path: DocumentPath, problems: DocumentProblem[]): void {
  const fields = schema.properties ?? {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const example = path.length ? asYaml(exampleOf(schema)) : 'name: Night Radio'
    problems.push({ path, message: `${asWritten(value)} is not a group of fields; write it like ${example}` })
    return
  }
  const given = Object.keys(value)
  for (const name of given.filter((name) => !Object.hasOwn(fields, name))) {
    const near = nearest(name, Object.keys(fields))
    const advice = near ? `did you mean ${near}?` : `the fields here are ${Object.keys(fields).join(', ')}`
    problems.push({ path: [...path, name], message: `there is no field of this name; ${advice}` })
  }
  for (const name of missingFields(schema, value)) {
    const example = exampleOf(fields[name]!, name)
    problems.push({
      path: [...path, name],
      message: `is missing; write it like ${name}: ${asYaml(example)}`,
    })
  }
  const known = given.filter((name) => Object.hasOwn(fields, name))
  const one = `exactly one of ${Object.keys(fields).join(', ')} is needed`
  const example = asYaml(exampleOf(schema))
  if (known.length < (schema.minProperties ?? 0) && given.length === known.length)
    problems.push({ path, message: `${one}, none is given; write it like ${example}` })
  else if (known.length > (schema.maxProperties ?? Number.POSITIVE_INFINITY))
    problems.push({ path, message: `${one}, but ${known.join(' and ')} are given; write it like ${example}` })
  for (const name of known) explain(fields[name]!, (value as Record<string, unknown>)[name], [...path, name], problems)
}

/** The validator requires fields with a default too, since it looks when they are filled in; their absence is no fault. */
function missingFields(schema: Schema, value: object): string[] {
  const { properties = {}, required = [] } = schema
  return required.filter((name) => properties[name]?.default === undefined && !Object.hasOwn(value, name))
}

function explainArray(schema: Schema, value: unknown, path: DocumentPath, problems: DocumentProblem[]): void {
  const example = asYaml(exampleOf(schema) ?? [exampleOf(schema.items ?? {})])
  if (!Array.isArray(value)) {
    problems.push({ path, message: `${asWritten(value)} is not a list; write it like ${example}` })
    return
  }
  if (value.length < (schema.minItems ?? 0))
    problems.push({
      path,
      message: `the list is empty, it needs at least ${schema.minItems}; write it like ${example}`,
    })
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY))
    problems.push({ path, message: `the list has ${value.length} entries, at most ${schema.maxItems} are allowed` })
  value.forEach((item, index) => {
    explain(schema.items ?? {}, item, [...path, index], problems)
  })
}

function scalarProblem(schema: Schema, value: unknown, path: DocumentPath): string | undefined {
  const name = String(path.findLast((step) => typeof step === 'string') ?? '')
  const wrong = asWritten(value)
  const like = `write it like ${asYaml(exampleOf(schema, name))}`
  if ('const' in schema) return value === schema.const ? undefined : `${wrong} is not ${schema.const}`
  if (schema.type === 'boolean')
    return typeof value === 'boolean' ? undefined : `${wrong} is not true or false; ${like}`
  if (schema.type === 'string') {
    if (typeof value !== 'string') {
      const what = schema.pattern ? (nounsOfPatternFields[name] ?? 'a text of the right form') : 'a text'
      return `${wrong} is not ${what}; ${like}`
    }
    if (schema.pattern && !new RegExp(schema.pattern).test(value))
      return `${wrong} is not ${nounsOfPatternFields[name] ?? 'of the right form'}; ${repaired(schema, value) ?? like}`
    if (value.length < (schema.minLength ?? 0)) return `the text is empty; ${like}`
    if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
      return `the text has ${value.length} characters, at most ${schema.maxLength} are allowed`
    return undefined
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return `${wrong} is not a number; ${like}`
    if (schema.type === 'integer' && !Number.isInteger(value)) return `${wrong} is not a whole number; ${like}`
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
    if (value < minimum || value > maximum) return `${wrong} is not between ${minimum} and ${maximum}; ${like}`
  }
  return undefined
}

/** 7:30 and 20.00 are times that a person would write: say how we would. */
function repaired(schema: Schema, value: string): string | undefined {
  const numbers = value.match(/^\s*(\d{1,2})[.:h](\d{2})\s*$/)
  if (!numbers) return undefined
  const better = `${numbers[1]!.padStart(2, '0')}:${numbers[2]}`
  return new RegExp(schema.pattern!).test(better) ? `write it like ${better}` : undefined
}

/** A value that would be right here, to show. */
function exampleOf(schema: Schema, name = ''): unknown {
  const nonEmptyDefault = typeof schema.default === 'object' && schema.default && !Object.keys(schema.default).length
  if (schema.examples?.length) return schema.examples[0]
  if (schema.default !== undefined && !nonEmptyDefault) return schema.default
  if (Object.hasOwn(examplesOfPatternFields, name)) return examplesOfPatternFields[name]
  if (schema.anyOf) return exampleOf(schema.anyOf.at(-1)!)
  if ('const' in schema) return schema.const
  if (schema.type === 'array') return [exampleOf(schema.items ?? {})]
  if (schema.type === 'object') {
    const names = schema.required?.length ? schema.required : Object.keys(schema.properties ?? {}).slice(0, 1)
    return Object.fromEntries(names.map((field) => [field, exampleOf(schema.properties![field]!, field)]))
  }
  if (schema.type === 'integer' || schema.type === 'number')
    return name === 'bitrateKbps' ? 128 : (schema.minimum ?? schema.maximum ?? 1)
  return 'a text'
}

function fieldsInCommon(branch: Schema, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const names = Object.keys(branch.properties ?? {})
  return Object.keys(value).filter((name) => names.includes(name) || nearest(name, names)).length
}

/** The wrong value as JSON, cut where it gets long. */
function asWritten(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** A value on one line as one would write it in YAML. */
function asYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asYaml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${asYaml(field)}`)
    return fields.length ? `{ ${fields.join(', ')} }` : '{}'
  }
  return String(value)
}

/** The known name that a mistyped one is closest to: at most a third of its letters wrong, case aside. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase().replace(/[-_]/g, ''), candidate.toLowerCase())
    if (!best || distance < best.distance) best = { name: candidate, distance }
  }
  return best && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)))
    row = next
  }
  return row[to.length]!
}
