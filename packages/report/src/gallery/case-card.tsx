import type { VNode } from 'preact'
import type { ReportCase, Verdict } from '../report-data.ts'

export interface CaseCardProps {
  readonly entry: ReportCase
  /** Titles of the runs, in the order of the verdicts. */
  readonly runs: readonly string[]
  /** Unique in the page. */
  readonly id: string
}

/** One test image: the photograph, and what each run says of it. */
export function CaseCard({ entry, runs, id }: CaseCardProps): VNode {
  const { defect, size, photograph, outline, verdicts } = entry
  const [height, width] = size
  const tile = { viewBox: `0 0 ${width} ${height}`, role: 'img' } as const
  return (
    <li class="case" data-defect={defect} data-scores={verdicts.map(({ score }) => score).join(' ')}>
      <p class="name">
        <strong>{defect}</strong> <span class="path">{entry.id}</span>
        <button type="button" class="enlarge" tabIndex={-1} aria-label={`Enlarge ${entry.id}`}>
          Enlarge
        </button>
      </p>
      <div class="tiles">
        <figure>
          <svg {...tile} aria-label={`photograph, ${outline ? `${defect} outlined` : 'no defect marked'}`}>
            <image id={id} href={photograph} width={width} height={height} preserveAspectRatio="none" />
            {outline && <path class="outline" d={outline} />}
          </svg>
          <figcaption>{outline ? 'photograph, ground truth' : 'photograph'}</figcaption>
        </figure>
        {verdicts.map((verdict, index) => (
          <figure key={runs[index]}>
            <svg {...tile} aria-label={`anomaly map${runs.length > 1 ? ` of ${runs[index]}` : ''}`}>
              <use href={`#${id}`} />
              <image class="heat" href={verdict.heatmap} width={width} height={height} preserveAspectRatio="none" />
              {outline && <path class="outline" d={outline} />}
            </svg>
            <figcaption>
              {runs.length > 1 && <span class="run-name">{runs[index]}</span>} <Score {...verdict} />
            </figcaption>
          </figure>
        ))}
      </div>
    </li>
  )
}

function Score({ score, aboveGood }: Verdict): VNode {
  return (
    <>
      <b>{score.toPrecision(4)}</b>
      {aboveGood !== undefined && <span class="rank"> above {(100 * aboveGood).toFixed(0)} % of good</span>}
    </>
  )
}
