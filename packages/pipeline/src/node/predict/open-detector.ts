import { access, readFile } from 'node:fs/promises'
import { loadDetector, readDetectorHeader, type LoadedDetector, type Preparation } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { readNaming, TabError, type LongTaskOptions } from '@tab/core'
import { loadExtractor, parseHubId } from '@tab/weights/node'
import { readNotes } from '../fit/detector-notes.ts'

/** A detector ready to predict. */
export interface OpenDetector extends LoadedDetector {
  readonly preparation: Preparation
  dispose(): void
}

/**
 * Opens a detector file of `tab fit` with its backbone.
 * @param backbone path or hub id; undefined takes the one that the file names
 * @throws NOT_FOUND without the file or the backbone, INCOMPATIBLE for another backbone, INVALID_DATA
 */
export async function openDetector(
  file: string,
  backbone: string | undefined,
  task: LongTaskOptions,
): Promise<OpenDetector> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', { where: '--model', expected: 'a readable file', actual: file, cause })
  })
  const { notes, extractorId, preparation } = readNaming(`--model ${file}`, () => readDetectorHeader(bytes))
  const { backbonePath, layers } = readNotes(file, notes)
  if (!preparation) {
    throw new TabError('INVALID_DATA', { where: '--model', expected: `an image size in ${file}`, actual: 'none' })
  }
  const path = backbone ?? backbonePath
  const exists =
    parseHubId(path) !== undefined ||
    (await access(path).then(
      () => true,
      () => false,
    ))
  if (!exists) {
    const actual = backbone ? `${path}, which does not exist` : `${path} in the file, where it is no more`
    throw new TabError('NOT_FOUND', { where: '--backbone', expected: `the path of backbone ${extractorId}`, actual })
  }
  const { extractor } = await loadExtractor(path, layers, { where: '--backbone' }, task)
  const backend = onnxBackend({ ort: await loadOrt() })
  try {
    const loaded = await readNaming(`--model ${file}`, () => loadDetector(bytes, { extractor, backend }))
    return {
      ...loaded,
      preparation,
      dispose() {
        loaded.detector.dispose()
        backend.dispose()
        extractor.dispose()
      },
    }
  } catch (error) {
    backend.dispose()
    extractor.dispose()
    throw error
  }
}
