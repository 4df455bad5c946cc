/** What a test asks a server, with JSON in and out. */
export interface Client {
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  inspect(image: Uint8Array<ArrayBuffer>, path?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Whatever the server says: the tests say what it must be.
  readonly body: any // eslint-disable-line @typescript-eslint/no-explicit-any
}

export function clientOf(url: string, product = 'metal'): Client {
  const answered = async (answer: Response): Promise<Answer> => {
    const isJson = answer.headers.get('content-type')?.includes('json')
    const body: unknown = isJson ? await answer.json() : new Uint8Array(await answer.arrayBuffer())
    return { status: answer.status, headers: answer.headers, body }
  }
  return {
    async ask(method, path, body, headers = {}) {
      const json = body === undefined ? {} : { body: JSON.stringify(body) }
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
      return answered(await fetch(url + path, { method, headers: { ...type, ...headers }, ...json }))
    },
    async inspect(image, path = `/v1/products/${product}/inspect`, headers = {}) {
      const all = { 'content-type': 'image/png', ...headers }
      return answered(await fetch(url + path, { method: 'POST', headers: all, body: image }))
    },
  }
}
