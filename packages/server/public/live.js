// The page of the server: asks for what is new every second while somebody looks.
const WORDS = { good: 'Good', anomalous: 'Anomalous', 'not-judged': 'Not judged' }
const element = (id) => document.getElementById(id)
const judged = new Map() // by result: what was said of it on this page

/** @returns the answer, or undefined where the token is lacking, which is then asked for */
async function ask(path, options = {}) {
  const token = sessionStorage.getItem('token')
  const headers = { ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const answer = await fetch(path, { ...options, headers })
  element('sign-in').hidden = answer.status !== 401
  if (answer.status === 401) {
    say('A token is needed', 'problem')
    return undefined
  }
  return answer
}

async function failure(answer) {
  const body = await answer.json().catch(() => undefined)
  return body?.error?.message ?? `the server answered ${answer.status}`
}

function say(text, kind = '') {
  element('state').textContent = text
  element('state').className = kind
}

function cell(content, className = '') {
  const one = document.createElement('td')
  one.className = className
  one.append(content ?? '–')
  return one
}

function row(...cells) {
  const one = document.createElement('tr')
  one.append(...cells)
  return one
}

const rounded = (value) => (value === null ? '–' : Number(value.toPrecision(4)).toString())

function showHealth({ ready, reason, products, atWork, store, sinks, sources, notes }) {
  const parts = [ready ? 'Taking pictures' : `Not ready: ${reason}`]
  if (atWork > 0) parts.push(`${atWork} at work`)
  const drifted = products.filter(({ drift }) => drift?.hasDrifted).map(({ name }) => name)
  if (drifted.length > 0) parts.push(`the good parts of ${drifted.join(', ')} no longer look like those of the fit`)
  if (store.failure) parts.push(`the store fails: ${store.failure}`)
  for (const { name, failure } of [...sinks, ...sources]) if (failure) parts.push(`${name} fails: ${failure}`)
  if (store.dropped > 0) parts.push(`${store.dropped} results were not stored`)
  say(
    parts.join(' · '),
    ready &&
      drifted.length === 0 &&
      !store.failure &&
      ![...sinks, ...sources].some(({ failure }) => failure) &&
      store.dropped === 0
      ? 'good'
      : 'problem',
  )
  element('notes').replaceChildren(
    ...notes
      .slice(-5)
      .map((note) => Object.assign(document.createElement('li'), { textContent: note, className: 'problem' })),
  )
}

function showProducts(products) {
  element('products').replaceChildren(
    ...products.map(({ name, active, pinned, versions }) => {
      const one = versions.find((version) => version.active)
      const others = versions.filter((version) => !version.active)
      const override = one?.thresholdOverride ?? null
      return row(
        cell(name, 'name'),
        cell(
          active === null ? 'none can be served' : `${active}${pinned ? ' (pinned)' : ''}`,
          active === null ? 'problem' : '',
        ),
        cell(override !== null ? `${rounded(override)} (set by hand)` : rounded(one?.threshold ?? null), 'number'),
        cell(
          others.map((version) => (version.refused === null ? version.name : `${version.name} (refused)`)).join(', ') ||
            '–',
          'quiet',
        ),
      )
    }),
  )
  const select = element('try').elements.product
  const names = products.map(({ name }) => name)
  if (names.join('\n') !== [...select.options].map(({ value }) => value).join('\n')) {
    select.replaceChildren(...names.map((name) => new Option(name)))
  }
}

function feedback(result) {
  const place = document.createElement('span')
  for (const [label, word] of [
    ['good', 'Good part'],
    ['defect', 'Defect'],
  ]) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: word })
    button.setAttribute('aria-pressed', String(judged.get(result.id) === label))
    button.addEventListener('click', async () => {
      const answer = await ask(`/v1/products/${encodeURIComponent(result.product)}/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ result: result.id, label }),
      })
      if (answer?.ok) judged.set(result.id, label)
      else if (answer) say(await failure(answer), 'problem')
      await refresh()
    })
    place.append(button, ' ')
  }
  return place
}

let shown = ''
function showResults(results) {
  const now = JSON.stringify([results.map(({ id }) => id), [...judged]])
  if (now === shown) return // a button that is being pressed stays where it is
  shown = now
  element('results').replaceChildren(
    ...results.map((result) =>
      row(
        cell(new Date(result.at).toLocaleTimeString(), 'number'),
        cell(`${result.product} ${result.version}`, 'name'),
        cell(WORDS[result.verdict], `verdict ${result.verdict}`),
        cell(rounded(result.score), 'number'),
        cell(rounded(result.threshold), 'number'),
        cell(String(Math.round(result.milliseconds)), 'number'),
        cell(result.imageName ?? '–', 'name quiet'),
        cell(feedback(result)),
      ),
    ),
  )
}

async function refresh() {
  try {
    const health = await ask('/v1/health')
    if (!health) return
    showHealth(await health.json())
    const [products, results] = await Promise.all([ask('/v1/products'), ask('/v1/results?limit=25')])
    if (products?.ok) showProducts(await products.json())
    if (results?.ok) showResults(await results.json())
  } catch {
    say('The server does not answer', 'problem')
  }
}

element('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  sessionStorage.setItem('token', new FormData(event.target).get('token'))
  void refresh()
})

element('try').addEventListener('submit', async (event) => {
  event.preventDefault()
  const { product, file } = event.target.elements
  const [said, heatmap] = [element('try-answer'), element('try-heatmap')]
  said.textContent = 'Inspecting…'
  const body = new FormData()
  body.append('file', file.files[0])
  const path = `/v1/products/${encodeURIComponent(product.value)}/inspect`
  const answer = await ask(path, { method: 'POST', body, headers: { accept: 'image/png' } }).catch(() => undefined)
  heatmap.hidden = true
  if (!answer?.ok) {
    said.className = 'problem'
    said.textContent = answer ? await failure(answer) : 'No answer'
    return
  }
  const { verdict, score, threshold, reason } = JSON.parse(answer.headers.get('x-inspection'))
  said.className = `verdict ${verdict}`
  const limit = threshold === null ? reason : `threshold ${rounded(threshold)}`
  said.textContent = `${WORDS[verdict]}: score ${rounded(score)}, ${limit}`
  URL.revokeObjectURL(heatmap.src)
  heatmap.src = URL.createObjectURL(await answer.blob())
  heatmap.alt = `Heatmap of ${file.files[0].name}`
  heatmap.hidden = false
  await refresh()
})

await refresh()
setInterval(() => document.visibilityState === 'visible' && void refresh(), 1000)
