import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import { ask, type Answer, type Asking } from '../../../../test/harness/ask.ts'

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
export interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Response>>
  readonly requestBody?: Response
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** The same schema in which an object has no member but those that it names: what is not documented must not be there. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const all = Object.fromEntries(
    // What stands in one part of an `allOf` is a member for the other one.
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'allOf' ? (each as unknown) : closed(each),
    ]),
  )
  return 'properties' in all ? { additionalProperties: false, ...all } : all
}

/** Compiles schemas of a document, with what they refer to. */
export function compiler(document: {
  readonly components: { readonly schemas: object }
}): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allErrors: true,
  })
  addFormats.default(ajv)
  ajv.addKeyword('components')
  const components = closed({ schemas: document.components.schemas })
  const compiled = new Map<object, ValidateFunction>()
  return (schema) => {
    const known = compiled.get(schema) ?? ajv.compile({ ...(closed(schema) as object), components })
    compiled.set(schema, known)
    return known
  }
}

/** Calls of a server, each of whose answers is held against the server's own document. */
export class Documented {
  readonly #url: string
  readonly #document: Document
  readonly #compile: (schema: object) => ValidateFunction
  /** `operationId status` of what was answered. */
  readonly seen = new Set<string>()

  constructor(url: string, document: Document) {
    this.#url = url
    this.#document = document
    this.#compile = compiler(document)
  }

  /** The operation of a request; undefined: the document has none. */
  find(method: string, path: string): Operation | undefined {
    const parts = path.split('?')[0]!.split('/')
    const fits = (template: string): boolean => {
      const names = template.split('/')
      return (
        names.length === parts.length &&
        names.every((name, at) => name.startsWith('{') || name === parts[at])
      )
    }
    const [, found] =
      Object.entries(this.#document.paths).find(([template]) => fits(template)) ?? []
    return found?.[method.toLowerCase()]
  }

  operation(method: string, path: string): Operation {
    const operation = this.find(method, path)
    if (operation === undefined) throw new Error(`${method} ${path} is not in the document`)
    return operation
  }

  /** Asks, and checks status, media type and body. */
  async ask(path: string, asking: Asking & { readonly until?: number } = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body } = asking
    const operation = this.operation(method, path)
    const answer = await ask(this.#url, path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    this.check(operation, answer)
    return answer
  }

  /** @param answer one whose body has come in whole */
  check(operation: Operation, { status, headers, text }: Omit<Answer, 'json' | 'bytes'>): void {
    const { operationId } = operation
    const about = `${operationId} ${status} ${text.slice(0, 300)}`
    const response = operation.responses[status]
    expect(Object.keys(operation.responses), about).toContain(String(status))
    this.seen.add(`${operationId} ${status}`)
    if (text === '') return
    const type = headers['content-type']!.split(';')[0]!
    expect(Object.keys(response!.content ?? {}), about).toContain(type)
    const isJson = type.endsWith('json') && !type.endsWith('ndjson')
    const validate = this.#compile(response!.content![type]!.schema)
    const isValid = validate(isJson ? JSON.parse(text) : text)
    expect(isValid ? [] : validate.errors, about).toEqual([])
  }
}
