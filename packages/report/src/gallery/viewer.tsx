import type { VNode } from 'preact'
import { LayerControls } from './layer-controls.tsx'

/** The dialog in which one image is seen large; the script fills it with the pictures of a card. */
export function Viewer(): VNode {
  return (
    <dialog id="viewer" aria-labelledby="viewer-title">
      <div class="viewer-bar">
        <h2 id="viewer-title" aria-live="polite" />
        <button type="button" class="previous">
          Previous
        </button>
        <button type="button" class="next">
          Next
        </button>
        <button type="button" class="close">
          Close
        </button>
      </div>
      <div class="stage" />
      <div class="toolbar">
        <LayerControls />
      </div>
    </dialog>
  )
}
