import type { VNode } from 'preact'
import { useId } from 'preact/hooks'
import { turbo } from '@tab/data'
import type { ReportDataset } from '../report-data.ts'
import { CaseCard } from './case-card.tsx'
import { LayerControls } from './layer-controls.tsx'

/** The colours of heatmaps, from low to high. */
const COLORS = Array.from({ length: 12 }, (_, step) => `rgb(${turbo(step / 11).join(' ')})`).join(', ')

/** The test images of a data set with their anomaly maps, one card an image, to be sorted and filtered. */
export function Gallery({ dataset, id }: { dataset: ReportDataset; id: string }): VNode {
  const { cases, images, name } = dataset
  const runs = dataset.runs.map(({ title }) => title)
  const defects = [...new Set(cases.map(({ defect }) => defect))].sort()
  const heading = useId()
  const hint = useId()
  return (
    <section class="gallery" aria-labelledby={heading}>
      <h3 id={heading}>
        Test images <span class="unseen">of {name}</span>
      </h3>
      <p class="hint" id={hint}>
        {cases.length < images
          ? `${cases.length} of ${images} images: the worst mistakes, and others spread evenly over the scores.`
          : `All ${images} images.`}{' '}
        The colours of an anomaly map span the scores of its run, from the median of all pixels to the highest in a
        thousand.
        <span class="scripted-only"> Arrow keys move from image to image, Enter enlarges.</span>
      </p>
      <div class="toolbar scripted-only" role="group" aria-label={`View of the images of ${name}`}>
        <LayerControls />
        <Choice
          label="Show"
          class="by-defect"
          options={[['', 'all'], ...defects.map((defect) => [defect, defect] as const)]}
        />
        {runs.length > 1 && (
          <Choice label="Sort by" class="by-run" options={runs.map((title, index) => [String(index), title])} />
        )}
        <Choice
          label="Order"
          class="by-order"
          options={[
            ['descending', 'highest score first'],
            ['ascending', 'lowest score first'],
          ]}
        />
        <span class="scale" aria-hidden="true">
          low <i style={{ background: `linear-gradient(90deg, ${COLORS})` }} /> high
        </span>
        <output class="count" />
      </div>
      <ul class="cases" style={{ '--tiles': runs.length + 1 }} aria-describedby={hint}>
        {cases.map((entry, index) => (
          <CaseCard key={entry.id} {...{ entry, runs, id: `${id}-${index}` }} />
        ))}
      </ul>
    </section>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly class: string
  readonly options: readonly (readonly [value: string, text: string])[]
}

function Choice({ label, class: kind, options }: ChoiceProps): VNode {
  return (
    <label>
      {label}{' '}
      <select class={kind}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
