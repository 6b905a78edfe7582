#include "fairfight/report/style.h"

namespace fairfight {

const std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --ink: #1d1c1a; --muted: #67625a; --rule: #dcd7cc; --wash: #f3f0e8;
  --ahead: #0a6b6b; --behind: #a8481a; --open: #6d6961; --grid: #e9e5dc;
  --near: #2f5f9e; --faint: #b3ada2; --band: #ebe5d6;
  --heat: 10 107 107; --worse: 168 72 26; --tint: .52;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif;
  --sans: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #17181a; --ink: #e9e6df; --muted: #a39e94; --rule: #393a3d; --wash: #202124;
    --ahead: #5fc7c1; --behind: #ee9d6a; --open: #a8a39a; --grid: #2a2b2e;
    --near: #8ab4f0; --faint: #64625e; --band: #2b2a26;
    --heat: 72 178 172; --worse: 214 120 66; --tint: .44;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.6 var(--serif); overflow-wrap: break-word; }
main { max-width: 69rem; margin: 0 auto; padding: 3.5rem 2rem 4rem; }
p { margin: 0 0 1em; max-width: 40rem; text-wrap: pretty; }

.kicker { font: 600 .78rem/1.4 var(--sans); letter-spacing: .07em; text-transform: uppercase; color: var(--muted);
  margin-bottom: 1rem; }
h1 { font-size: 2.1rem; line-height: 1.18; font-weight: 500; letter-spacing: -.01em; margin: 0 0 .7rem;
  max-width: 56rem; text-wrap: balance; }
.question { font-size: 1.18rem; font-style: italic; color: var(--muted); max-width: 52rem; margin-bottom: 2rem; }
.verdict { --said: var(--open); border-top: 4px solid var(--said); border-bottom: 1px solid var(--rule);
  padding: 1.3rem 0 1.4rem; margin-bottom: 1.8rem; }
.stamp { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.6rem; max-width: none; margin: 0 0 .7rem; }
.verdict .label { font: 700 3.1rem/1.05 var(--sans); letter-spacing: .015em; color: var(--said); }
.verdict .sentence { font-size: 1.5rem; line-height: 1.36; max-width: 56rem; margin-bottom: .9rem; text-wrap: pretty; }
.verdict .threat { font-size: 1.1rem; line-height: 1.45; max-width: 56rem; margin: 0 0 .9rem; text-wrap: pretty; }
.verdict .meaning { font-size: 1rem; line-height: 1.5; color: var(--muted); max-width: 50rem; margin: 0 0 .25rem; }
.tier { display: inline-flex; align-items: center; gap: .6rem; font: 600 .88rem/1 var(--sans); color: var(--ink);
  border: 1px solid var(--rule); border-radius: 2rem; padding: .5rem .9rem .5rem .8rem; white-space: nowrap; }
.pips { display: inline-flex; gap: .25rem; }
.pips i { width: .6rem; height: .6rem; border-radius: 50%; border: 1.5px solid var(--ink); }
.pips .full { background: var(--ink); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.beats { --said: var(--ahead); } .competitive { --said: var(--near); } .inconclusive { --said: var(--open); }
.loses { --said: var(--behind); }
.chip { display: inline-block; font: 650 .74rem/1.3 var(--sans); letter-spacing: .05em; color: var(--said);
  border: 1.5px solid; border-radius: 3px; padding: .08rem .4rem; white-space: nowrap; }
.finding { max-width: 46rem; margin-bottom: 1.2rem; } .finding .chip, figcaption .chip { margin-right: .3rem; }
.aside { color: var(--muted); font-size: .8rem; font-weight: 400; }
.yes { color: var(--ahead); } .no { color: var(--behind); font-weight: 600; }

.facts { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1rem 1.3rem; margin: 0;
  font: .83rem/1.45 var(--sans); }
.facts dt { color: var(--muted); font-size: .78rem; }
.facts dd { margin: 0; }

section.part { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); column-gap: 2.5rem;
  border-top: 1px solid var(--rule); margin-top: 3.4rem; padding-top: 1.5rem; }
section.part > div > :first-child { margin-top: 0; padding-top: 0; }
h2 { font-size: 1.18rem; line-height: 1.35; font-weight: 600; margin: 0; position: sticky; top: 1.5rem; align-self: start; }
figure { margin: 1.2rem 0 2.2rem; }
figure:last-child { margin-bottom: 0; }
figcaption { font: .86rem/1.5 var(--sans); color: var(--muted); max-width: 42rem; margin-bottom: .9rem; }
figcaption b { color: var(--ink); }

table { border-collapse: collapse; width: 100%; font: .9rem/1.4 var(--sans);
  font-variant-numeric: tabular-nums lining-nums; }
th { font-weight: 400; text-align: left; }
.challenger { font-weight: 650; color: var(--ahead); }
.challenger::before { content: "▸\00a0"; }
.fusion::before { content: "+\00a0"; }
.reference { font-style: italic; color: var(--muted); }
.interval { color: var(--muted); white-space: nowrap; }
.tag { font: 600 .68rem/1.3 var(--sans); color: var(--muted); border: 1px solid var(--rule); border-radius: 3px;
  padding: .02rem .28rem; white-space: nowrap; }
.wide { overflow-x: auto; }

.plot th { width: 27%; padding: 0 1rem 0 0; line-height: 1.2; }
.plot td { padding: 0; }
.plot tr + tr > * { border-top: 1px solid var(--grid); }
.plot .figure { width: 13rem; padding-left: .6rem; text-align: right; white-space: nowrap; }
.plot .figure b { margin-right: .5em; }
.plot .minus { color: var(--muted); }
.strip { display: block; overflow: visible; }
.strip .grid { stroke: var(--grid); }
.strip .origin { stroke: var(--ink); stroke-width: 1.2; }
.strip text { font: .75rem var(--sans); fill: var(--muted); }
.mark { fill: currentColor; stroke: currentColor; }
.mark circle, .mark path { stroke: none; }
.strip .band { fill: var(--band); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.strip .edge { stroke: var(--muted); stroke-dasharray: 3 3; }
.mark.family { color: var(--muted); fill-opacity: .55; }
.ahead { color: var(--ahead); } .behind { color: var(--behind); } .open { color: var(--open); }
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--muted); padding: 0 2%; }
.plot th .aside { display: block; font-size: .76rem; line-height: 1.35; }
.plot .outcome { display: block; font-size: .8rem; }

.curves { display: grid; grid-template-columns: 2.6rem minmax(0, 1fr) 26px 15rem; column-gap: .3rem; font: .82rem var(--sans); }
.curves svg { display: block; overflow: visible; }
.curves text { font: .75rem var(--sans); fill: var(--muted); font-variant-numeric: tabular-nums; }
.curves .grid { stroke: var(--grid); }
.curves path { fill: none; stroke: var(--faint); stroke-width: 1.3; vector-effect: non-scaling-stroke;
  stroke-linejoin: round; }
.curves circle { fill: var(--faint); }
.curves path.challenger { stroke: var(--near); stroke-width: 1.8; } .curves circle.challenger { fill: var(--near); }
.curves path.first { stroke: var(--ahead); stroke-width: 3; } .curves circle.first { fill: var(--ahead); }
.curves path.rest { stroke-dasharray: 1.5 4; }
.curves .leaders path { stroke-width: 1; stroke-dasharray: none; opacity: .7; }
.curves ol { list-style: none; position: relative; margin: 0; padding: 0; }
.curves li { position: absolute; left: 0; right: 0; transform: translateY(-50%); line-height: 1.2; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; color: var(--muted); font-weight: 400; }
.curves li::before { content: none; }
.curves li.challenger { color: var(--near); font-weight: 600; } .curves li.first { color: var(--ahead); font-weight: 700; }
.curves li span { font-variant-numeric: tabular-nums; font-weight: 400; opacity: .85; }
.curves .counts { grid-column: 2; } .curves p { grid-column: 3 / -1; margin: 0; padding-left: .85rem; font-size: .75rem; line-height: 18px;
  color: var(--muted); }
.curves .spread { stroke: var(--faint); opacity: .55; } .curves .spread.challenger { stroke: var(--near); }
.curves .spread.first { stroke: var(--ahead); stroke-width: 1.6; }
.curves path.slope { stroke: var(--ink); stroke-width: 1.3; stroke-dasharray: 5 6; }
.scatter { --near: var(--ahead); --faint: var(--behind); }
.scatter li.baseline { color: var(--behind); } .scatter .reference { --faint: var(--muted); }
.scatter .edge { stroke: var(--ink); stroke-dasharray: 4 3; }
.scatter .dots { fill: var(--faint); fill-opacity: .5; } .scatter .dots.challenger { fill: var(--near); }
.scatter .dots path { fill: inherit; stroke: none; }
.scatter .over, .scatter .over path { fill: none; stroke: var(--faint); stroke-opacity: .5; }
.scatter .over.challenger, .scatter .over.challenger path { fill: none; stroke: var(--near); }
.scatter .dots circle { fill: inherit; }
.scatter path.front { stroke-width: 1.8; } .scatter path.rest { stroke-width: 1; opacity: .6; }
.scatter .chosen path { fill: var(--faint); stroke: var(--paper); stroke-width: 1.5; }
.scatter .chosen.challenger path { fill: var(--near); }

.scores { border-spacing: 3px; border-collapse: separate; }
.scores thead th { color: var(--muted); font-size: .76rem; line-height: 1.2; padding: 0 .1rem .2rem; text-align: center;
  vertical-align: bottom; }
.scores tbody th { padding: 0 .6rem 0 0; min-width: 8.5rem; line-height: 1.25; position: sticky; left: 0;
  background: var(--paper); font-size: .86rem; }
.scores td { text-align: center; padding: .28rem .1rem .3rem; border-radius: 3px; }
.scores tbody td { min-width: 4.1rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.scores td b, .scores .interval { display: block; }
.scores td b { font-weight: 600; font-size: .95rem; line-height: 1.25; }
.scores .interval { font-size: .64rem; line-height: 1.2; color: inherit; opacity: .8; }
.heat { background: rgb(var(--heat) / calc(var(--skill) * var(--tint))); }
.worse { background: rgb(var(--worse) / calc(var(--skill) * var(--tint))); }
.scores .none { color: var(--muted); }
.scores .mean { outline: 1px solid var(--rule); outline-offset: -1px; }

.numbers th, .numbers td { padding: .42rem 0 .42rem 1.1rem; border-bottom: 1px solid var(--rule); text-align: right;
  white-space: nowrap; }
.numbers tbody th, .numbers thead tr:first-child > :first-child { text-align: left; padding-left: 0; white-space: normal;
  min-width: 9.5rem; }
.numbers thead th { color: var(--muted); font-size: .8rem; vertical-align: bottom; white-space: normal; }
.numbers thead th[colspan] { text-align: center; border-bottom: 0; padding-bottom: 0; }
.numbers thead tr:last-child > *, .numbers thead [rowspan] { border-bottom: 1.5px solid var(--ink); }
.stacked td .interval { display: block; font-size: .74rem; }

.words td { text-align: left; } .words thead th { text-align: left; } .words td:last-child, .words th:last-child { text-align: right; }
.words:not(:has(td:nth-child(5))) td:last-child, .words:not(:has(td:nth-child(5))) th:last-child { text-align: left; }
.audit td:nth-child(2), .audit th:nth-child(2), .audit td:last-child, .audit th:last-child { text-align: left; }
.audit .why { display: block; font-size: .8rem; color: var(--muted); white-space: normal; min-width: 11rem; max-width: 18rem; }

.evidence { list-style: none; margin: 0; padding: 0; max-width: 46rem; }
.evidence li { padding: .45rem 0 .45rem 2.1rem; border-bottom: 1px solid var(--rule); position: relative;
  font: .95rem/1.45 var(--sans); }
.evidence li b { position: absolute; left: 0; font-size: 0; }
.evidence li b::before { font-size: 1.05rem; }
.holds b::before { content: "✓"; color: var(--ahead); } .lacks b::before { content: "✗"; color: var(--behind); }
.evidence .level { font-weight: 650; margin-right: .25rem; }
.evidence .found { display: block; color: var(--muted); font-size: .86rem; }
.evidence + figure { margin-top: 2rem; }
.evidence .aside { margin-left: .3rem; white-space: nowrap; }

.families { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .35rem 1.2rem; margin: 0 0 2rem; }
.families dt { font: .95rem/1.7 var(--sans); }
.families dd { margin: 0; max-width: 38rem; text-wrap: pretty; }
.roster { margin: 0; }
.roster dt { font: .95rem/1.4 var(--sans); }
.roster dd { margin: .1rem 0 1.15rem; max-width: 42rem; text-wrap: pretty; }
.roster .role { color: var(--muted); font-size: .82rem; margin-left: .4rem; }
.roster .chosen { display: block; font: .84rem/1.5 var(--sans); color: var(--muted); }

details > .families, details > .roster { margin: 1rem 0 .6rem; }
details { border-bottom: 1px solid var(--rule); padding: .55rem 0; }
summary { cursor: pointer; font: .95rem/1.4 var(--sans); }
details dl:not([class]) { display: grid; grid-template-columns: minmax(6rem, 11rem) minmax(0, 1fr); gap: .25rem 1.2rem;
  margin: .8rem 0 .6rem; font: .88rem/1.5 var(--sans); }
details dl dl:not([class]) { margin: 0 0 .5rem; }
details dl:not([class]) dt { color: var(--muted); } details dl:not([class]) dd { margin: 0; }
details dd ol { margin: 0; padding-left: 1.2rem; }
code, pre, .hash { font-family: var(--mono); font-size: .82rem; }
.hash { overflow-wrap: anywhere; color: var(--muted); }
pre { background: var(--wash); border: 1px solid var(--rule); border-radius: 3px; padding: .8rem 1rem;
  margin: 0 0 1.2rem; overflow-x: auto; white-space: pre-wrap; }
.record { display: grid; grid-template-columns: minmax(6rem, 9rem) minmax(0, 1fr); gap: .3rem 1.2rem; margin: 0;
  font: .88rem/1.5 var(--sans); }
.record dt { color: var(--muted); } .record dd { margin: 0; }
footer { margin-top: 3.4rem; border-top: 1px solid var(--rule); padding-top: 1rem; font: .82rem/1.5 var(--sans);
  color: var(--muted); }

@media screen and (max-width: 52rem) {
  body { font-size: 1.0625rem; }
  main { padding: 2.2rem 1.15rem 3rem; }
  h1 { font-size: 1.6rem; }
  .question { font-size: 1.08rem; }
  .verdict .sentence { font-size: 1.2rem; }
  section.part { display: block; margin-top: 2.6rem; }
  h2 { font-size: 1.3rem; margin-bottom: .8rem; }
  .facts { justify-content: flex-start; }
  h2 { position: static; }
  .verdict .label { font-size: 2.2rem; }
  .curves { grid-template-columns: 2.2rem minmax(0, 1fr) 26px 9.5rem; font-size: .74rem; column-gap: .2rem; }
  .curves.scatter { grid-template-columns: 2.2rem minmax(0, 1fr) 26px 8rem; }
  .curves li span { display: none; }
  .words td .interval { display: block; }
  .numbers tbody th { min-width: 8rem; max-width: 9rem; position: sticky; left: 0; background: var(--paper); }
  .scores tbody th { min-width: 7rem; max-width: 8rem; font-size: .8rem; }
  .plot, .plot tbody { display: block; }
  .plot tr { display: grid; grid-template-columns: 1fr auto; padding-bottom: .35rem; }
  .plot th { width: auto; } .plot .figure { width: auto; grid-row: 1; grid-column: 2; }
  .plot tr + tr > .drawn { border: 0; }
  .plot .drawn { grid-row: 2; grid-column: 1 / -1; }
  .families, .record, details dl:not([class]) { grid-template-columns: 1fr; gap: 0; }
  .families dd, .record dd, details dd { margin-bottom: .5rem; }
}
@media print {
  :root { --paper: #fff; }
  html { font-size: 78%; }
  main { max-width: none; padding: 0; }
  section.part { display: block; margin-top: 1.6rem; }
  h2, .scores tbody th { position: static; } h2 { margin-bottom: .6rem; }
  h2, figcaption { break-after: avoid; }
  details::details-content { content-visibility: visible; height: auto; }
  tr, .verdict, .curves, .roster dd { break-inside: avoid; }
}
)css";

}  // namespace fairfight
