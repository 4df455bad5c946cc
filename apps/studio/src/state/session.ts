import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type { DetectorSummary, EngineInfo, Finding, LearnProgress, LearnRequest } from '../engine/engine-api.ts'
import { startEngine, Stopped, type Engine } from '../engine/engine.ts'
import type { NamedFile } from '../parts/read-pictures.ts'
import { thumbnailOf, type Refusal } from '../parts/thumbnail.ts'
import * as database from './database.ts'
import { uniqueName } from './unique-name.ts'

/** A photograph of a good part, on the page. */
export interface Picture extends database.KeptPicture {
  /** Address of the small copy. */
  readonly url: string
}

/** A file that was not taken. */
export interface Refused {
  readonly name: string
  readonly why: Refusal
}

/** The detector that inspects. */
export interface Detector extends database.KeptDetector, DetectorSummary {}

/** A picture that was inspected; its map is drawn when it is looked at. */
export interface Result {
  readonly id: number
  readonly name: string
  readonly blob: Blob
  readonly url: string
  readonly finding: Finding
  /** What the user says of the part. */
  readonly label: 'ok' | 'ng' | null
}

/** What the page says in a line when something goes wrong. */
export type Trouble = { readonly where: 'teach' | 'inspect' | 'keep' | 'engine'; readonly message: string } | null

const USUAL_SIDE = 224

export const pictures: Signal<readonly Picture[]> = signal([])
export const refused: Signal<readonly Refused[]> = signal([])
/** Files that are read just now, and of how many. */
export const reading: Signal<{ readonly done: number; readonly total: number } | null> = signal(null)
export const side: Signal<number> = signal(USUAL_SIDE)
export const learning: Signal<LearnProgress | null> = signal(null)
/** Whether the page was closed during a fit. */
export const wasInterrupted: Signal<boolean> = signal(false)
export const detector: Signal<Detector | null> = signal(null)
/** A score above is a defect; the user's own, or that of the file. */
export const ownThreshold: Signal<number | null> = signal(null)
export const results: Signal<readonly Result[]> = signal([])
export const chosen: Signal<number | null> = signal(null)
export const inspecting: Signal<{ readonly done: number; readonly total: number } | null> = signal(null)
export const engineInfo: Signal<EngineInfo | null> = signal(null)
export const trouble: Signal<Trouble> = signal(null)
/** A file that waits for its backbone to be chosen. */
export const waitingFile: Signal<{
  readonly file: Uint8Array
  readonly name: string
  readonly backbone: string
} | null> = signal(null)
/** Whether all that was kept is on the page again. */
export const isRestored: Signal<boolean> = signal(false)

export const taught: ReadonlySignal<readonly Picture[]> = computed(() => pictures.value.filter(({ isOut }) => !isOut))
export const threshold: ReadonlySignal<number | null> = computed(
  () => ownThreshold.value ?? detector.value?.threshold ?? null,
)

/** Strictly above the threshold, as everywhere; null where nothing is judged. */
export function isDefect({ score }: Pick<Finding, 'score'>): boolean | null {
  return score === null || threshold.value === null ? null : score > threshold.value
}

let engine: Engine = begin()

function begin(): Engine {
  const started = startEngine()
  started.info.then(
    (info) => void (engineInfo.value = info),
    (error: unknown) => {
      if (!(error instanceof Stopped)) trouble.value = { where: 'engine', message: messageOf(error) }
    },
  )
  return started
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Shows what an earlier visit left. */
export async function restore(): Promise<void> {
  const [kept, found, interrupted, keptSide, keptThreshold] = await Promise.all([
    database.keptPictures(),
    database.keptValue('detector'),
    database.keptValue('learning'),
    database.keptValue('side'),
    database.keptValue('threshold'),
  ])
  batch(() => {
    pictures.value = [...kept.map(shown), ...pictures.value]
    side.value = keptSide ?? USUAL_SIDE
    wasInterrupted.value = interrupted === true
  })
  if (found) await attempt('keep', () => takeDetector(found, keptThreshold ?? null))
  isRestored.value = true
  void compare()
}

function shown(picture: database.KeptPicture): Picture {
  return { ...picture, url: URL.createObjectURL(picture.thumbnail) }
}

/** Takes photographs of good parts; those that cannot be read are named. */
export async function addPictures(files: readonly NamedFile[]): Promise<void> {
  void navigator.storage?.persist?.()
  refused.value = []
  await eachRead(files, async ({ name: given, file }, thumbnail) => {
    const name = uniqueName(given, new Set(pictures.value.map((picture) => picture.name)))
    const picture = { name, blob: file as Blob, thumbnail, isOut: false }
    const id = await database.keepPicture(picture)
    pictures.value = [...pictures.value, shown({ ...picture, id })]
  })
}

async function eachRead(
  files: readonly NamedFile[],
  take: (file: NamedFile, thumbnail: Blob) => Promise<void>,
): Promise<void> {
  try {
    for (const [done, file] of files.entries()) {
      reading.value = { done, total: files.length }
      const made = await thumbnailOf(file.name, file.file)
      if (typeof made === 'string') refused.value = [...refused.value, { name: file.name, why: made }]
      else await take(file, made)
    }
  } catch (error) {
    trouble.value = { where: 'teach', message: messageOf(error) }
  } finally {
    reading.value = null
  }
}

export async function removePicture({ id, url }: Picture): Promise<void> {
  pictures.value = pictures.value.filter((picture) => picture.id !== id)
  URL.revokeObjectURL(url)
  await database.removePicture(id)
}

/** Leaves pictures out of the next fit, or takes them in again. */
export async function leaveOut(names: readonly string[], isOut: boolean): Promise<void> {
  const changed = pictures.value.filter(({ name }) => names.includes(name))
  pictures.value = pictures.value.map((picture) => (names.includes(picture.name) ? { ...picture, isOut } : picture))
  for (const { id, name, blob, thumbnail } of changed) {
    await database.changePicture({ id, name, blob, thumbnail, isOut })
  }
}

export async function chooseSide(pixels: number): Promise<void> {
  side.value = pixels
  await database.keepValue('side', pixels)
}

/** Learns from the pictures that are not left out. */
export async function learn(): Promise<void> {
  const some = [...taught.value].sort((left, right) => (left.name < right.name ? -1 : 1)) // as `tab fit` reads a folder
  trouble.value = null
  wasInterrupted.value = false
  learning.value = { phase: 'read', done: 0, total: some.length }
  await database.keepValue('learning', true)
  await attempt('teach', async () => {
    const { file, ...more } = await engine.learn(requestOf(some), (progress) => void (learning.value = progress))
    const name = 'detector.safetensors'
    await takeDetector({ file, name, learned: { pictures: some.length, ...more } }, null)
  })
  learning.value = null
  await database.keepValue('learning', undefined)
  void compare()
}

function requestOf(some: readonly Picture[]): LearnRequest {
  return { pictures: some.map(({ id, name, blob }) => ({ id, name, blob })), side: side.value }
}

/** Looks for pictures unlike the others among those that were learned from, which takes longer than the fit, while others are inspected. */
async function compare(): Promise<void> {
  const current = detector.value
  if (!current?.learned || current.learned.suspects !== undefined) return
  const some = pictures.value.filter(({ name }) => current.goodImages.includes(name))
  try {
    const suspects = await engine.compare(requestOf(some))
    if (detector.value !== current) return
    const compared = { ...current, learned: { ...current.learned, suspects } }
    detector.value = compared
    const { file, name, learned } = compared
    await database.keepValue('detector', { file, name, learned })
  } catch {
    // Another fit has begun, which will compare its own pictures.
  }
}

/** Ends a fit; the detector from before stays. */
export async function cancelLearning(): Promise<void> {
  await restartEngine()
}

async function restartEngine(): Promise<void> {
  engine.stop()
  engineInfo.value = null
  engine = begin()
  const current = detector.value
  if (current) await attempt('engine', () => engine.open(current.file, current.backbone))
}

async function attempt(where: 'teach' | 'inspect' | 'keep' | 'engine', work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Stopped)) trouble.value = { where, message: messageOf(error) }
  }
}

async function takeDetector(kept: database.KeptDetector, own: number | null): Promise<void> {
  const opened = await engine.open(kept.file, kept.backbone)
  if ('needsBackbone' in opened) {
    waitingFile.value = { file: kept.file, name: kept.name, backbone: opened.needsBackbone }
    return
  }
  for (const { url } of results.value) URL.revokeObjectURL(url)
  batch(() => {
    waitingFile.value = null
    detector.value = { ...kept, ...opened.detector }
    ownThreshold.value = own
    results.value = []
    chosen.value = null
  })
  await database.keepValue('detector', kept)
  await database.keepValue('threshold', own ?? undefined)
}

/** Opens a detector file. */
export async function openFile(file: File): Promise<void> {
  trouble.value = null
  await attempt('keep', async () => takeDetector({ file: await bytesOf(file), name: file.name }, null))
}

/** Opens the file that waits with the backbone that was chosen for it. */
export async function openWithBackbone(backbone: File): Promise<void> {
  const waiting = waitingFile.value
  if (!waiting) return
  trouble.value = null
  const { file, name } = waiting
  await attempt('keep', async () => takeDetector({ file, name, backbone: await bytesOf(backbone) }, null))
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer())
}

export async function chooseThreshold(value: number | null): Promise<void> {
  ownThreshold.value = value
  await database.keepValue('threshold', value ?? undefined)
}

/** Inspects pictures one after the other, and shows the first of them. */
export async function inspectPictures(files: readonly NamedFile[]): Promise<void> {
  if (!detector.value) return
  trouble.value = null
  refused.value = []
  let isFirst = true
  try {
    for (const [done, { name, file }] of files.entries()) {
      inspecting.value = { done, total: files.length }
      const thumbnail = await thumbnailOf(name, file)
      if (typeof thumbnail === 'string') {
        refused.value = [...refused.value, { name, why: thumbnail }]
        continue
      }
      const finding = await engine.look(file, false)
      const id = (results.value.at(-1)?.id ?? -1) + 1
      const result: Result = { id, name, blob: file, url: URL.createObjectURL(thumbnail), finding, label: null }
      batch(() => {
        results.value = [...results.value, result]
        if (isFirst) chosen.value = id
        isFirst = false
      })
    }
  } catch (error) {
    if (!(error instanceof Stopped)) trouble.value = { where: 'inspect', message: messageOf(error) }
  } finally {
    inspecting.value = null
  }
}

/** Looks at a picture with what it takes to draw its map. */
export function drawnFinding(source: Blob | ImageBitmap): Promise<Finding> {
  return engine.look(source, true)
}

export function labelResult(id: number, label: Result['label']): void {
  results.value = results.value.map((result) => (result.id === id ? { ...result, label } : result))
}

export function clearResults(): void {
  for (const { url } of results.value) URL.revokeObjectURL(url)
  batch(() => {
    results.value = []
    chosen.value = null
    refused.value = []
  })
}

/** Forgets pictures, detector and results. */
export async function startAnew(): Promise<void> {
  await database.forgetAll()
  for (const { url } of [...pictures.value, ...results.value]) URL.revokeObjectURL(url)
  batch(() => {
    pictures.value = []
    detector.value = null
    ownThreshold.value = null
    learning.value = null
    wasInterrupted.value = false
    waitingFile.value = null
    side.value = USUAL_SIDE
    trouble.value = null
  })
  clearResults()
  await restartEngine()
}
