import type { VNode } from 'preact'

/** What is laid over the photographs; all such controls of a page move together. */
export function LayerControls(): VNode {
  return (
    <>
      <label>
        Heatmap opacity{' '}
        <input class="opacity" type="range" min="0" max="1" step="0.05" value="0.7" autocomplete="off" />
      </label>
      <label>
        <input class="outlines" type="checkbox" checked autocomplete="off" /> Ground truth outline
      </label>
    </>
  )
}
