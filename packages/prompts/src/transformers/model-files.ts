import { recogniseFile } from '@tab/core'
import type { NodeModules } from './node-modules.ts'

export type Precision = 'fp32' | 'quantized'

/** The ONNX file of a precision, as both packages name it. */
export function weightsFile(precision: Precision): string {
  return precision === 'quantized' ? 'onnx/text_model_quantized.onnx' : 'onnx/text_model.onnx'
}

/** The files of a text model. */
export function modelFiles(precision: Precision): readonly string[] {
  return ['config.json', 'tokenizer.json', 'tokenizer_config.json', weightsFile(precision)]
}

/** Why a folder is not a model, in words: files that are missing or have other content. */
export function problemsOf(node: NodeModules, folder: string, precision: Precision): string[] {
  const { fs, path } = node
  return modelFiles(precision).flatMap((file) => {
    const place = path.join(folder, file)
    if (!fs.existsSync(place)) return [`there is no ${file}`]
    const start = headOf(node, place)
    const isJson = file.endsWith('.json') && /^\s*\{/.test(new TextDecoder().decode(start))
    const other = isJson ? undefined : recogniseFile(start)
    return other === undefined ? [] : [`${file} is ${other}`]
  })
}

function headOf({ fs }: NodeModules, file: string): Uint8Array {
  const start = new Uint8Array(512)
  const handle = fs.openSync(file, 'r')
  try {
    return start.subarray(0, fs.readSync(handle, start))
  } finally {
    fs.closeSync(handle)
  }
}
