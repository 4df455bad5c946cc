import type { VNode } from 'preact'
import type { ReportCase } from './report-data.ts'

/** A row of cases under a heading, each as image, image with the ground truth outlined, and heatmap. */
export function Gallery({
  title,
  hint,
  cases,
}: {
  title: string
  hint: string
  cases: readonly ReportCase[]
}): VNode | null {
  if (cases.length === 0) return null
  return (
    <section class="gallery">
      <h3>{title}</h3>
      <p class="hint">{hint}</p>
      <ul>
        {cases.map((entry) => (
          <li key={entry.id}>
            <CaseFigure {...entry} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function CaseFigure({ id, defect, score, aboveGood, pictures }: ReportCase): VNode {
  const { image, outline, heatmap } = pictures
  const rank = aboveGood === undefined ? '' : `, above ${(100 * aboveGood).toFixed(0)} % of the good images`
  return (
    <figure>
      <div class="tiles">
        <div class="tile">
          <img src={image} alt={`${defect}: photograph ${id}`} />
        </div>
        <div class="tile">
          <img src={image} alt="" />
          {outline && <img class="layer" src={outline} alt={`outline of the ${defect}`} />}
          {!outline && <span class="no-mask">no defect marked</span>}
        </div>
        <div class="tile">
          <img src={image} alt="" />
          <img class="layer heat" src={heatmap} alt={`anomaly map, image score ${score.toFixed(3)}`} />
        </div>
      </div>
      <figcaption>
        <strong>{defect}</strong> <span class="score">{score.toFixed(3)}</span>
        <span class="rank">{rank}</span>
        <br />
        <span class="path">{id}</span>
      </figcaption>
    </figure>
  )
}
