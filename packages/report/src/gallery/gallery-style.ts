/** Style of the gallery and of the enlarged view. The script sets --heat and the classes of the root. */
export const GALLERY_STYLE = `
:root { --heat: 0.7; }
:root:not(.scripted) .scripted-only, .case[hidden] { display: none; }
.toolbar { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: center; font-size: 13px; padding: 8px 0; }
.gallery > .toolbar { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line); margin-bottom: 12px; }
.toolbar label { display: flex; align-items: center; gap: 6px; min-height: 28px; }
.toolbar input { accent-color: var(--accent); }
.toolbar .opacity { width: 130px; }
.count { color: var(--soft); margin-left: auto; }
.scale { color: var(--soft); display: inline-flex; gap: 6px; align-items: center; }
.scale i { width: 70px; height: 10px; border-radius: 2px; }
select, button { font: inherit; font-size: 13px; color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: 5px; padding: 3px 8px; min-height: 26px; }
button { cursor: pointer; }
.cases { list-style: none; margin: 0; padding: 0; display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, max(300px, var(--tiles) * 150px)), 1fr)); }
.case { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px; scroll-margin-top: 90px; min-width: 0; }
.case:focus-within { border-color: var(--accent); }
.name { display: flex; gap: 8px; align-items: center; margin: 0 0 6px; font-size: 13px; }
.path { color: var(--soft); overflow-wrap: anywhere; flex: 1; font-size: 12px; }
:root:not(.scripted) .enlarge { display: none; }
.tiles { display: grid; gap: 6px; grid-template-columns: repeat(auto-fit, minmax(min(100px, 45%), 1fr)); }
.tiles figure { margin: 0; min-width: 0; }
.tiles svg { display: block; width: 100%; height: auto; border-radius: 3px; }
.scripted .cases .tiles { cursor: zoom-in; }
.tiles figcaption { font-size: 12px; line-height: 1.35; margin-top: 3px; color: var(--soft); }
.tiles b { color: var(--ink); font-variant-numeric: tabular-nums; }
.run-name { display: block; color: var(--ink); }
.heat { opacity: var(--heat); }
.outline { fill: none; stroke: #0ff; stroke-width: 1.5px; vector-effect: non-scaling-stroke; filter: drop-shadow(0 0 1px #000); }
.without-outlines .outline { display: none; }
dialog { width: min(96vw, 1500px); max-height: 96vh; border: 1px solid var(--edge); border-radius: 10px; padding: 14px; color: var(--ink); background: var(--ground); }
dialog::backdrop { background: #000b; }
.viewer-bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.viewer-bar h2 { flex: 1; margin: 0; padding: 0; border: 0; font-size: 16px; min-width: 0; overflow-wrap: anywhere; }
.stage { margin-top: 10px; }
.stage .tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
.stage svg { max-height: 74vh; }
`
