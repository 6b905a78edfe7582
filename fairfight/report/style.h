#pragma once
#include <string_view>

namespace fairfight {

/// The page's style sheet: fonts of the reader's own system, colours as variables for light, dark and print.
constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --ink: #1d1c1a; --muted: #67625a; --rule: #dcd7cc; --wash: #f3f0e8;
  --ahead: #0a6b6b; --behind: #a8481a; --open: #6d6961; --grid: #e9e5dc;
  --family-0: #31629f; --family-1: #9a6a00; --family-2: #8a3f7e; --family-3: #4a7534;
  --heat: 10 107 107; --worse: 168 72 26; --tint: .52;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif;
  --sans: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #17181a; --ink: #e9e6df; --muted: #a39e94; --rule: #393a3d; --wash: #202124;
    --ahead: #5fc7c1; --behind: #ee9d6a; --open: #a8a39a; --grid: #2a2b2e;
    --family-0: #86b3ec; --family-1: #e0b354; --family-2: #d695cb; --family-3: #9cc987;
    --heat: 72 178 172; --worse: 214 120 66; --tint: .44;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.6 var(--serif); overflow-wrap: break-word; }
main { max-width: 69rem; margin: 0 auto; padding: 4.5rem 2rem 4rem; }
p { margin: 0 0 1em; max-width: 40rem; text-wrap: pretty; }

.kicker { font: 600 .78rem/1.4 var(--sans); letter-spacing: .07em; text-transform: uppercase; color: var(--muted);
  margin-bottom: 1rem; }
h1 { font-size: 2.5rem; line-height: 1.15; font-weight: 500; letter-spacing: -.01em; margin: 0 0 1.1rem;
  max-width: 48rem; text-wrap: balance; }
.question { font-size: 1.18rem; font-style: italic; color: var(--muted); max-width: 44rem; margin-bottom: 2.4rem; }
.statement { border-top: 3px solid var(--ink); border-bottom: 1px solid var(--rule); padding: 1.5rem 0 1.3rem;
  margin-bottom: 1.8rem; }
.statement p { font-size: 1.55rem; line-height: 1.35; max-width: 54rem; margin-bottom: .6rem; text-wrap: balance; }
.statement .note { font-size: .95rem; line-height: 1.5; color: var(--muted); max-width: 46rem; margin: 0;
  text-wrap: pretty; }
.facts { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1rem 2.4rem; margin: 0;
  font: .88rem/1.45 var(--sans); }
.facts dt { color: var(--muted); font-size: .8rem; }
.facts dd { margin: 0; }

section.part { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); column-gap: 2.5rem;
  border-top: 1px solid var(--rule); margin-top: 3.4rem; padding-top: 1.5rem; }
section.part > div > :first-child { margin-top: 0; padding-top: 0; }
h2 { font-size: 1.18rem; line-height: 1.35; font-weight: 600; margin: 0; }
figure { margin: 1.2rem 0 2.2rem; }
figure:last-child { margin-bottom: 0; }
figcaption { font: .86rem/1.5 var(--sans); color: var(--muted); max-width: 42rem; margin-bottom: .9rem; }
figcaption b { color: var(--ink); }

table { border-collapse: collapse; width: 100%; font: .9rem/1.4 var(--sans);
  font-variant-numeric: tabular-nums lining-nums; }
th { font-weight: 400; text-align: left; }
.challenger { font-weight: 650; color: var(--ahead); }
.challenger::before { content: "▸\00a0"; }
.interval { color: var(--muted); white-space: nowrap; }
.wide { overflow-x: auto; }

.plot th { width: 26%; padding: 0 1rem 0 0; }
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
.mark .whisper { fill-opacity: .38; }
.ahead { color: var(--ahead); } .behind { color: var(--behind); } .open { color: var(--open); }
.family-0 { color: var(--family-0);} .family-1 { color: var(--family-1);} .family-2 { color: var(--family-2);}
.family-3 { color: var(--family-3);}
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--muted); padding: 0 2%; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0 0 .8rem; padding: 0;
  font: .86rem/1.5 var(--sans); }
.key { margin-right: .35rem; vertical-align: -1px; overflow: visible; }

.scores { border-spacing: 3px; border-collapse: separate; }
.scores thead th { color: var(--muted); font-size: .82rem; padding: 0 .3rem .2rem; text-align: center; }
.scores tbody th { padding: 0 .8rem 0 0; min-width: 9rem; }
.scores td { text-align: center; padding: .45rem .4rem; min-width: 6.6rem; border-radius: 3px;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.scores td b, .scores .interval { display: block; }
.scores td b { font-weight: 600; font-size: 1rem; }
.scores .interval { font-size: .76rem; color: inherit; }
.heat { background: rgb(var(--heat) / calc(var(--skill) * var(--tint))); }
.worse { background: rgb(var(--worse) / calc(var(--skill) * var(--tint))); }
.scores .mean { outline: 1px solid var(--rule); outline-offset: -1px; }

.numbers th, .numbers td { padding: .42rem 0 .42rem 1.1rem; border-bottom: 1px solid var(--rule); text-align: right;
  white-space: nowrap; }
.numbers tbody th, .numbers tr > th:first-child[rowspan] { text-align: left; padding-left: 0; white-space: normal;
  min-width: 9.5rem; }
.numbers thead th { color: var(--muted); font-size: .8rem; vertical-align: bottom; white-space: normal; }
.numbers thead th[colspan] { text-align: center; border-bottom: 0; padding-bottom: 0; }
.numbers thead tr:last-child th, .numbers thead th[rowspan] { border-bottom: 1.5px solid var(--ink); }

.families { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .35rem 1.2rem; margin: 0 0 2rem; }
.families dt { font: .95rem/1.7 var(--sans); }
.families dd { margin: 0; max-width: 38rem; text-wrap: pretty; }
.roster { margin: 0; }
.roster dt { font: .95rem/1.4 var(--sans); }
.roster dd { margin: .1rem 0 1.15rem; max-width: 42rem; text-wrap: pretty; }
.roster .role { color: var(--muted); font-size: .82rem; margin-left: .4rem; }
.roster .chosen { display: block; font: .84rem/1.5 var(--sans); color: var(--muted); }

details { border-bottom: 1px solid var(--rule); padding: .55rem 0; }
summary { cursor: pointer; font: .95rem/1.4 var(--sans); }
details dl { display: grid; grid-template-columns: minmax(6rem, 11rem) minmax(0, 1fr); gap: .25rem 1.2rem;
  margin: .8rem 0 .6rem; font: .88rem/1.5 var(--sans); }
details dl dl { margin: 0 0 .5rem; }
details dt { color: var(--muted); } details dd { margin: 0; }
details ol { margin: 0; padding-left: 1.2rem; }
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
  h1 { font-size: 1.85rem; }
  .question { font-size: 1.08rem; }
  .statement p { font-size: 1.25rem; }
  section.part { display: block; margin-top: 2.6rem; }
  h2 { font-size: 1.3rem; margin-bottom: .8rem; }
  .facts { justify-content: flex-start; }
  .scores, .scores thead, .scores tbody { display: block; }
  .scores tr { display: grid; grid-template-columns: repeat(var(--columns), minmax(5.2rem, 1fr)); gap: 3px;
    margin-bottom: .5rem; }
  .scores tr > :first-child { grid-column: 1 / -1; padding: 0; }
  .scores td { min-width: 0; padding: .4rem .1rem; }
  .scores .interval { font-size: .68rem; }
  .plot, .plot tbody { display: block; }
  .plot tr { display: grid; grid-template-columns: 1fr auto; padding-bottom: .35rem; }
  .plot th { width: auto; } .plot .figure { width: auto; grid-row: 1; grid-column: 2; }
  .plot tr + tr > .drawn { border: 0; }
  .plot .drawn { grid-row: 2; grid-column: 1 / -1; }
  .families, .record, details dl { grid-template-columns: 1fr; gap: 0; }
  .families dd, .record dd, details dd { margin-bottom: .5rem; }
}
@media print {
  :root { --paper: #fff; }
  html { font-size: 78%; }
  main { max-width: none; padding: 0; }
  section.part { display: block; margin-top: 1.6rem; }
  h2 { margin-bottom: .6rem; }
  h2, figcaption { break-after: avoid; }
  tr, .roster dd { break-inside: avoid; }
}
)css";

}  // namespace fairfight
