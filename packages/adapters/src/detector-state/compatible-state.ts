import { TabError, type DetectorState } from '@tab/core'

/** @throws INCOMPATIBLE unless the state comes from this method, in this version, with this extractor */
export function assertCompatibleState(
  where: string,
  state: DetectorState,
  wanted: Pick<DetectorState, 'method' | 'version' | 'extractorId'>,
): void {
  const agree = (what: string, actual: string | number, ours: string | number): void => {
    if (actual !== ours)
      throw new TabError('INCOMPATIBLE', { where, expected: `${what} ${ours}`, actual: String(actual) })
  }
  agree('method', state.method, wanted.method)
  agree('version', state.version, wanted.version)
  agree('extractor', state.extractorId, wanted.extractorId)
}
