import type { SearchIndex, Tensor } from '@tab/core'
import { searchByProducts } from '@tab/kernels'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

/** Nearest neighbours by `nearestRowsGraph`, one chunk of the bank at a time. */
export function searchIndex(ort: OrtModule, session: SerialSession, bank: Tensor): SearchIndex {
  const onEngine = ({ data, shape }: Tensor) => new ort.Tensor('float32', data, shape)
  return searchByProducts({
    where: 'onnxBackend.searchIndex',
    bank,
    load: (rows, squaredNorms) => {
      const chunk = { bank: onEngine(rows), norms: onEngine(squaredNorms) }
      return {
        async nearest(queries, kept) {
          const k = new ort.Tensor('int64', BigInt64Array.of(BigInt(kept)), [1])
          const found = await session.run({ queries: onEngine(queries), ...chunk, k }, ['values', 'rows'])
          return {
            values: found['values']?.data as Float32Array,
            rows: found['rows']?.data as Int32Array,
          }
        },
        dispose: () => undefined, // the tensors are in host memory
      }
    },
  })
}
