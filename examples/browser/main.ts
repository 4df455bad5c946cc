// The page: a detector file and its backbone, loaded once; then every picture that is chosen or dropped is scored here.
import { TabError, type Tensor } from '@tab/core'
import { overlayHeatmap } from '@tab/data'
import type { Inspector } from '@tab/pipeline'
import { openInspector, type BrowserImage } from '@tab/pipeline/browser'
import * as ort from 'onnxruntime-web/wasm'
import { paintImage, SCALE } from './heatmap.ts'
import { promiseOf } from './promise.ts'

const SAMPLES = ['good-1', 'good-2', 'scratch', 'dent', 'contamination', 'stain']

ort.env.wasm.numThreads = 1 // threads take a page that is isolated by two response headers
ort.env.wasm.wasmPaths = new URL('.', document.baseURI).href

function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (!found) throw new TabError('NOT_FOUND', { where: 'the page', expected: `an element "${id}"`, actual: 'none' })
  return found as E
}

function say(text: string, kind: 'good' | 'bad' | '' = ''): void {
  element('verdict').textContent = text
  element('verdict').className = kind
}

/** Lays the heatmap over the picture, as strong as the slider says, with the outline of what is above the pixel threshold. */
function paintOverlay(image: Tensor, map: Tensor, threshold: number): void {
  const overlay = overlayHeatmap(image, map, { threshold, opacity: Number(opacity.value), outline: true })
  paintImage(element<HTMLCanvasElement>('picture'), overlay)
}

/** Judges a picture and shows what was found; what goes wrong is said in place of the verdict. */
async function inspect(inspector: Inspector<BrowserImage>, name: string, picture: Blob): Promise<void> {
  say('Looking…')
  try {
    const found = await inspector.inspect(picture)
    if (found.verdict === 'not-judged') throw new TabError('UNDEFINED_RESULT', { where: name, message: found.reason })
    const { verdict, score, pValue, image, map, regions, pixelThreshold } = found
    const area = regions.reduce((sum, region) => sum + region.area, 0) / map.data.length
    paint = () => paintOverlay(image, map, pixelThreshold ?? 1)
    paint()
    element('picture').setAttribute('aria-label', `${name} with its anomaly map`)
    element('score').textContent = score.toFixed(3)
    element('p-value').textContent = pValue?.toFixed(2) ?? '–'
    element('area').textContent =
      `${(100 * area).toFixed(1)} %, ${regions.length} region${regions.length === 1 ? '' : 's'}`
    element('result').hidden = false
    if (verdict === 'anomalous') say(`${name}: anomalous`, 'bad')
    else say(`${name}: nothing found`, 'good')
  } catch (error) {
    element('result').hidden = true
    say(`${name} cannot be inspected: ${error instanceof Error ? error.message : String(error)}`, 'bad')
  }
}

function addSamples(choose: (name: string, picture: Blob) => Promise<void>): void {
  for (const name of SAMPLES) {
    const button = document.createElement('button')
    button.type = 'button'
    button.setAttribute('aria-pressed', 'false')
    const image = document.createElement('img')
    image.src = `samples/${name}.png`
    image.alt = ''
    button.append(image, name.replace('-', ' '))
    button.addEventListener('click', () => {
      void fetch(image.src)
        .then((response) => response.blob())
        .then((picture) => {
          void choose(name, picture)
          button.setAttribute('aria-pressed', 'true')
        })
    })
    const item = document.createElement('li')
    item.append(button)
    element('samples').append(item)
  }
}

function takeFiles(choose: (name: string, picture: Blob) => Promise<void>): void {
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0]
    if (file) void choose(file.name, file)
  }
  const input = element<HTMLInputElement>('file')
  input.addEventListener('change', () => take(input.files))
  const drop = element('drop')
  drop.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  drop.addEventListener('dragleave', () => drop.classList.remove('over'))
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    take(event.dataTransfer?.files)
  })
}

element('scale').style.background = SCALE
const opacity = element<HTMLInputElement>('opacity')
let paint = (): void => undefined // the picture that is shown, once there is one
opacity.addEventListener('input', () => paint())

try {
  const inspector = await openInspector({ model: 'detector.safetensors', backbone: 'tab-resnet18.safetensors', ort })
  const { calibration } = inspector
  if (!calibration)
    throw new TabError('INVALID_DATA', { where: 'detector.safetensors', message: 'it has no threshold' })
  element('threshold').textContent = calibration.threshold.toFixed(3)
  element('promise').textContent = promiseOf(calibration)
  let waiting = Promise.resolve() // one picture at a time, in the order of the choices
  const choose = (name: string, picture: Blob): Promise<void> => {
    for (const button of document.querySelectorAll('#samples button')) button.setAttribute('aria-pressed', 'false')
    return (waiting = waiting.then(() => inspect(inspector, name, picture)))
  }
  addSamples(choose)
  takeFiles(choose)
  say('Ready.')
} catch (error) {
  say(`The detector cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, 'bad')
}
