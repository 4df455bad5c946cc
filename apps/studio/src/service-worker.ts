// Keeps all files for use without a network, and answers with the headers that threads and privacy need, which static hosts do not send.

/** What a service worker's scope has that this one uses; TypeScript's own types of it clash with those of pages. */
interface Scope {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

const FILES = JSON.parse('__FILES__') as readonly string[] // by the build
const CACHE = 'tab-studio __VERSION__'
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}

const scope = globalThis as unknown as Scope

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })))),
  )
})

scope.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => scope.clients.claim()))
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method === 'GET' && request.url.startsWith(scope.registration.scope)) event.respondWith(answer(request))
})

async function forgetOthers(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith('tab-studio') && name !== CACHE).map((name) => caches.delete(name)),
  )
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  const kept =
    request.mode === 'navigate'
      ? await cache.match(new URL('index.html', scope.registration.scope))
      : await cache.match(request, { ignoreSearch: true })
  return isolated(kept ?? (await fetch(request)), await policy(cache))
}

/** The page's own policy, which browsers apply to workers only when it comes as a header. */
async function policy(cache: Cache): Promise<string> {
  const page = await cache.match(new URL('index.html', scope.registration.scope))
  const [, found = ''] =
    /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec((await page?.text()) ?? '') ?? []
  return found
}

/** The same answer with the headers that make a page isolated, and its policy. */
function isolated(response: Response, contentSecurityPolicy: string): Response {
  if (response.status === 0) return response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value)
  if (contentSecurityPolicy !== '') headers.set('content-security-policy', contentSecurityPolicy)
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}
