import type { MatmulOptions } from '../backend.ts'
import { assertTensor } from '../check.ts'
import { tensor, type Tensor } from '../tensor.ts'

/** Matrix product in plain TypeScript, summed in float64. */
export function matmul(a: Tensor, b: Tensor, { transposeB = false }: MatmulOptions = {}): Tensor {
  assertTensor('matmul', 'a', a, ['M', 'K'])
  const [rows, inner] = a.shape as [number, number]
  assertTensor('matmul', 'b', b, transposeB ? ['N', inner] : [inner, 'N'])
  const columns = b.shape[transposeB ? 0 : 1] as number
  const [stepInner, stepColumn] = transposeB ? [1, inner] : [columns, 1]
  const product = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let k = 0; k < inner; k++) {
        sum += (a.data[i * inner + k] as number) * (b.data[k * stepInner + j * stepColumn] as number)
      }
      product[i * columns + j] = sum
    }
  }
  return tensor([rows, columns], product)
}
