"""How pages for people look, on a screen and on paper."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light; --ink: #1c2330; --faint: #566072; --line: #d5dae2; --paper: #fff; --wash: #f5f7fa;
  --high: #a3121f; --medium: #8a4b00; --low: #345; --good: #1a5f34; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 2rem 3rem; max-width: 82rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1.08rem; margin: 1.2rem 0 .3rem; } h4 { font-size: .95rem; margin: 1rem 0 .3rem; }
header { border-bottom: 3px solid var(--ink); padding-bottom: .6rem; } header p { margin: 0; color: var(--faint); }
a { color: #0b4f9e; } .skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .88em; }
ul { margin: 0; padding-left: 1.1rem; }
.figures { display: flex; flex-wrap: wrap; gap: .6rem; list-style: none; padding: 0; margin: .6rem 0 1rem; }
.figures li { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 4px;
  padding: .4rem .8rem; background: var(--wash); } .figures strong { font-size: 1.35rem; margin-right: .25rem; }
.figures .high { border-left-color: var(--high); } .figures .medium { border-left-color: var(--medium); }
.figures .low { border-left-color: var(--low); }
.urgent li { margin: .15rem 0; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .87rem; }
caption { text-align: left; color: var(--faint); padding: .2rem 0; }
th, td { border: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { background: var(--wash); font-weight: 600; } tbody th { font-weight: 600; }
.doors { table-layout: fixed; } .doors th:nth-child(1) { width: 16%; } .doors th:nth-child(2) { width: 9%; }
.doors th:nth-child(3) { width: 17%; } .doors th:nth-child(4) { width: 14%; } .doors th:nth-child(5) { width: 17%; }
.doors th:nth-child(6) { width: 9%; } .doors th:nth-child(7) { width: 9%; } .doors th:nth-child(8) { width: 9%; }
.counts span { white-space: nowrap; }
td.high { color: var(--high); font-weight: 600; } td.medium { color: var(--medium); font-weight: 600; }
.state { display: inline-block; overflow-wrap: normal;
  border: 1px solid; border-radius: 3px; padding: 0 .35rem; font-size: .8rem;
  font-weight: 600; } .state.open { color: var(--medium); } .state.shut { color: var(--good); }
article { border: 1px solid var(--line); border-radius: 6px; padding: .2rem 1rem 1rem; margin: 1rem 0; }
.arn { margin: 0 0 .6rem; color: var(--faint); overflow-wrap: anywhere; }
dl { margin: 0; } dl > div { display: grid; grid-template-columns: 10rem 1fr; gap: .6rem; padding: .25rem 0;
  border-top: 1px solid var(--line); } dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
dd > ul:only-child > li:only-child { list-style: none; margin-left: -1.1rem; }
.findings { list-style: none; padding: 0; } .findings > li { padding: .45rem 0; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
.weight { display: inline-block; min-width: 4.2rem; text-align: center; border-radius: 3px; color: #fff;
  padding: 0 .4rem; font-size: .8rem; font-weight: 600; } .weight.high { background: var(--high); }
.weight.medium { background: var(--medium); } .weight.low { background: var(--low); }
.examples { color: var(--faint); font-size: .85rem; margin-top: .2rem; }
.trust th:nth-child(1) { width: 14%; } .trust th:nth-child(2) { width: 8%; } .trust th:nth-child(3) { width: 26%; }
.trust th:nth-child(4) { width: 20%; } .trust { table-layout: fixed; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); color: var(--faint); font-size: .87rem; }
footer h2 { font-size: 1rem; margin: .8rem 0 .4rem; }
@media screen and (max-width: 45rem) { body { padding: 1rem; } dl > div { grid-template-columns: 1fr; gap: 0; }
  .doors, .trust { display: block; overflow-x: auto; }
  .doors th, .doors td, .trust th, .trust td { min-width: 8rem; } }
@page { size: A4; margin: 14mm 12mm 16mm; }
@media print {
  :root { font-size: 12px; } body { max-width: none; padding: 0; font-size: 9pt; }
  a { color: inherit; text-decoration: none; }
  .skip { display: none; } table { font-size: 7.5pt; } th, td { padding: .15rem .2rem; }
  .state { font-size: 7.5pt; padding: 0 .15rem; }
  h2, h3, h4, caption { break-after: avoid; } tr, .findings > li, dl > div { break-inside: avoid; }
  thead { display: table-header-group; } article { border: 0; border-top: 2px solid var(--ink); border-radius: 0;
    padding: .2rem 0 0; }
  .weight, .figures li, thead th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
