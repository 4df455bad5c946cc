import { CHART_STYLE } from './charts/chart-style.ts'
import { GALLERY_STYLE } from './gallery/gallery-style.ts'

/** The page's style sheet; colours follow the reader's light or dark setting, text in them has a contrast of 4.5 or more. */
export const STYLE: string = `
:root { --ground: #fff; --card: #f6f7f9; --ink: #15181d; --soft: #57606c; --line: #d9dde3; --edge: #7d8793; --accent: #0b62c4; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --card: #1d2127; --ink: #e8eaee; --soft: #a3abb7; --line: #353b44; --edge: #6f7a88; --accent: #7ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main, footer { max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 8px 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 40px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 28px 0 6px; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.hint { margin: 0 0 10px; color: var(--soft); font-size: 13px; max-width: 100ch; }
.note { border-left: 4px solid var(--accent); background: var(--card); padding: 10px 14px; margin: 0 0 20px; max-width: 80ch; }
pre { overflow-x: auto; margin: 0 0 12px; padding: 12px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 6px; font-size: 13px; }
.note p { margin: 0 0 6px; }
.note p:last-child { margin: 0; }
.notes { margin: 0; padding-left: 20px; max-width: 80ch; overflow-wrap: anywhere; }
.summary { display: flex; flex-wrap: wrap; gap: 32px; align-items: flex-start; }
.summary .scroll { flex: 2 1 480px; min-width: 0; }
.summary dl { flex: 1 1 300px; }
.run > summary { cursor: pointer; padding: 6px 0; width: fit-content; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
caption span { display: block; position: sticky; left: 0; width: fit-content; max-width: calc(100vw - 48px); }
td { white-space: nowrap; }
th, td { padding: 5px 14px 5px 0; text-align: right; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
th[scope=row], thead .heading { text-align: left; font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; }
.overall th, .overall td { font-weight: 700; border-bottom: 0; }
dl { display: grid; grid-template-columns: auto; gap: 4px; margin: 0; }
dl div { display: grid; grid-template-columns: min(170px, 36%) 1fr; gap: 12px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--line); padding-top: 12px; font-size: 13px; color: var(--soft); }
${CHART_STYLE}${GALLERY_STYLE}`
