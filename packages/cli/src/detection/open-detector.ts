import { access, readFile } from 'node:fs/promises'
import { loadDetector, readDetectorHeader, type LoadedDetector, type Preparation } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { TabError, type LongTaskOptions } from '@tab/core'
import { parseHubId } from '../setup/hub-id.ts'
import { loadExtractor } from '../setup/load-extractor.ts'
import { readNotes } from './detector-notes.ts'

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
  const { notes, extractorId, preparation } = readDetectorHeader(bytes)
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
  const { extractor } = await loadExtractor(path, layers, {}, task)
  try {
    const loaded = await loadDetector(bytes, { extractor, backend: onnxBackend({ ort: await loadOrt() }) })
    return {
      ...loaded,
      preparation,
      dispose() {
        loaded.detector.dispose()
        extractor.dispose()
      },
    }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}
