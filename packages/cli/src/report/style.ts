/** The page's style sheet; colours follow the reader's light or dark setting. */
export const STYLE = `
:root { --heat: 0.75; --ground: #fff; --card: #f6f7f9; --ink: #15181d; --soft: #57606c; --line: #d9dde3; --accent: #0b62c4; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --card: #1d2127; --ink: #e8eaee; --soft: #a3abb7; --line: #353b44; --accent: #7ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 8px 0 12px; }
h2 { font-size: 21px; margin: 40px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 28px 0 0; }
a { color: var(--accent); }
.hint { margin: 0 0 10px; color: var(--soft); }
.note { border-left: 4px solid var(--accent); background: var(--card); padding: 10px 14px; margin: 0 0 20px; max-width: 80ch; }
.control { display: flex; gap: 10px; align-items: center; color: var(--soft); }
.control input { width: 180px; accent-color: var(--accent); }
.summary { display: flex; flex-wrap: wrap; gap: 32px; align-items: flex-start; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
th, td { padding: 5px 14px 5px 0; text-align: right; border-bottom: 1px solid var(--line); }
th[scope=row], thead th:first-child { text-align: left; font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; }
.overall th, .overall td { font-weight: 700; border-bottom: 0; }
dl { display: grid; grid-template-columns: auto; gap: 4px; margin: 0; }
dl div { display: grid; grid-template-columns: 170px auto; gap: 12px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.gallery ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; }
.tile { position: relative; }
.tile img { display: block; width: 100%; border-radius: 3px; }
.tile .layer { position: absolute; inset: 0; height: 100%; }
.tile .heat { opacity: var(--heat); }
.no-mask { position: absolute; left: 6px; bottom: 6px; font-size: 11px; background: #000a; color: #fff; padding: 1px 6px; border-radius: 3px; }
figcaption { margin-top: 8px; font-size: 13px; }
.score { font-variant-numeric: tabular-nums; margin-left: 6px; }
.rank, .path, footer { color: var(--soft); }
.path { overflow-wrap: anywhere; font-size: 12px; }
footer { margin-top: 40px; border-top: 1px solid var(--line); padding-top: 12px; font-size: 13px; }
`
