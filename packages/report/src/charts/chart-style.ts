/**
 * Style of the charts. Every series colour has a contrast of 3 or more against the ground it is drawn on (WCAG 2.2, 1.4.11), and
 * dashes of its own. The page gives --ink, --soft, --line and --ground.
 */
export const CHART_STYLE = `
:root { --s0: #0b62c4; --s1: #b8470b; --s2: #15803d; --s3: #7e22ce; --s4: #be185d; --s5: #0f766e; --s6: #7c5a06; --s7: #475569; }
@media (prefers-color-scheme: dark) {
  :root { --s0: #7ab8ff; --s1: #ff9f5f; --s2: #6ee7a0; --s3: #d2a8ff; --s4: #ff9ecb; --s5: #5eead4; --s6: #f0cf7a; --s7: #cbd5e1; }
}
.charts { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); align-items: start; }
.chart { margin: 0; min-width: 0; max-width: 560px; }
.chart figcaption { font-weight: 600; margin: 0 0 4px; font-size: inherit; }
.chart > svg { display: block; width: 100%; height: auto; }
.chart text { fill: var(--soft); font-size: 12px; }
.axes line { stroke: var(--line); stroke-width: 1; }
.series { fill: none; stroke-width: 2; stroke-linejoin: round; }
.reference { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 4; }
.series-0 { stroke: var(--s0); }
.series-1 { stroke: var(--s1); stroke-dasharray: 7 3; }
.series-2 { stroke: var(--s2); stroke-dasharray: 2 2.5; }
.series-3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; }
.series-4 { stroke: var(--s4); stroke-dasharray: 14 4; }
.series-5 { stroke: var(--s5); stroke-dasharray: 4 4; }
.series-6 { stroke: var(--s6); stroke-dasharray: 9 3 2 3 2 3; }
.series-7 { stroke: var(--s7); stroke-dasharray: 1 4; }
.bar-good, .bar-defective { fill-opacity: 0.55; stroke-width: 1; }
.bar-good { fill: var(--s0); stroke: var(--s0); }
.bar-defective { fill: var(--s1); stroke: var(--s1); fill-opacity: 0.15; }
.threshold { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 6 4; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0; padding: 0; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { width: 26px; height: 10px; flex: none; }
.chart details { font-size: 13px; }
.chart summary { color: var(--soft); cursor: pointer; width: fit-content; padding: 4px 0; }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 20px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`
