/**
 * What the page does beyond showing: layers, sorting and filtering, arrow keys, and the enlarged view. Plain JavaScript as text,
 * as it runs in the reader's browser; without it all images are still there.
 */
export const GALLERY_SCRIPT = `
const root = document.documentElement
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
root.classList.add('scripted')

addEventListener('input', ({ target }) => {
  if (target.matches('.opacity')) {
    root.style.setProperty('--heat', target.value)
    for (const slider of all('.opacity')) slider.value = target.value
  }
  if (target.matches('.outlines')) {
    root.classList.toggle('without-outlines', !target.checked)
    for (const box of all('.outlines')) box.checked = target.checked
  }
})

const viewer = document.getElementById('viewer')
const stage = viewer.querySelector('.stage')
let shown

function enlarge(card) {
  shown = card
  const tiles = card.querySelector('.tiles').cloneNode(true)
  for (const element of all('[id]', tiles)) element.removeAttribute('id')
  tiles.style.setProperty('--tiles', tiles.children.length)
  stage.replaceChildren(tiles)
  const words = all('.name > :not(button)', card).flatMap((part) => [part.cloneNode(true), ' '])
  document.getElementById('viewer-title').replaceChildren(...words)
  if (!viewer.open) viewer.showModal()
}

const visible = (list) => [...list.children].filter((card) => !card.hidden)

function neighbour(card, step) {
  const cards = visible(card.parentElement)
  return cards[cards.indexOf(card) + step]
}

function turn(step) {
  const card = neighbour(shown, step)
  if (card) enlarge(card)
}
viewer.querySelector('.previous').addEventListener('click', () => turn(-1))
viewer.querySelector('.next').addEventListener('click', () => turn(1))
viewer.querySelector('.close').addEventListener('click', () => viewer.close())
viewer.addEventListener('click', ({ target }) => target === viewer && viewer.close())
viewer.addEventListener('close', () => visit(shown))
viewer.addEventListener('keydown', ({ key, target }) => {
  if (target.matches('input')) return
  if (key === 'ArrowLeft') turn(-1)
  if (key === 'ArrowRight') turn(1)
})

/** One card of a gallery is in the order of the Tab key; the arrow keys choose which. */
function makeCurrent(card) {
  for (const button of all('.enlarge', card.parentElement)) button.tabIndex = -1
  card.querySelector('.enlarge').tabIndex = 0
}

function visit(card) {
  makeCurrent(card)
  card.querySelector('.enlarge').focus()
}

/** The card in the next row up or down that stands closest. */
function inNextRow(card, direction) {
  const rows = visible(card.parentElement).filter((other) => direction * (other.offsetTop - card.offsetTop) > 0)
  const distance = (other) => Math.abs(other.offsetTop - card.offsetTop) * 1e4 + Math.abs(other.offsetLeft - card.offsetLeft)
  return rows.sort((left, right) => distance(left) - distance(right))[0]
}

const MOVES = {
  ArrowLeft: (card) => neighbour(card, -1),
  ArrowRight: (card) => neighbour(card, 1),
  ArrowUp: (card) => inNextRow(card, -1),
  ArrowDown: (card) => inNextRow(card, 1),
  Home: (card) => visible(card.parentElement)[0],
  End: (card) => visible(card.parentElement).at(-1),
}

for (const gallery of all('.gallery')) {
  const list = gallery.querySelector('.cases')
  const choice = (name) => gallery.querySelector(name)?.value
  const arrange = () => {
    const run = Number(choice('.by-run') ?? 0)
    const sign = choice('.by-order') === 'ascending' ? 1 : -1
    const score = (card) => Number(card.dataset.scores.split(' ')[run])
    list.append(...[...list.children].sort((left, right) => sign * (score(left) - score(right))))
    const defect = choice('.by-defect')
    for (const card of list.children) card.hidden = defect !== '' && card.dataset.defect !== defect
    const cards = visible(list)
    gallery.querySelector('.count').textContent = cards.length + (cards.length === 1 ? ' image' : ' images')
    if (cards.length > 0) makeCurrent(cards[0])
  }
  for (const select of all('select', gallery)) select.addEventListener('change', arrange)
  arrange()
  list.addEventListener('keydown', (event) => {
    const card = event.target.closest('.case')
    const next = MOVES[event.key]?.(card)
    if (!next) return
    event.preventDefault()
    visit(next)
  })
  list.addEventListener('click', ({ target }) => {
    const card = target.closest('.tiles, .enlarge')?.closest('.case')
    if (card) enlarge(card)
  })
}
`
