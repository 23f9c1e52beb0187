/** The page's only style. There are two sets of colours; words or shapes always say the same as a colour. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1d2025;--dim:#575d67;--line:#deded9;--track:#ecece8;
--good:#17693d;--good-soft:#dcf1e4;--good-fill:#58b883;--low-fill:#b4e0c6;--warn:#7d4f00;--warn-soft:#fdefd0;--warn-fill:#f0b23e;--must-fill:#b87512;
--bad:#a8261c;--bad-soft:#fbe1de;--bad-fill:#e06a5f;--wait:#2552a8;--wait-soft:#e0e9fb;--wait-fill:#7ba0e6}
@media (prefers-color-scheme:dark){:root{--page:#121418;--card:#1b1e24;--ink:#e9eaec;--dim:#a7aeb9;--line:#31363f;
--track:#2a2e36;--good:#7ad6a3;--good-soft:#173426;--good-fill:#3d9566;--low-fill:#24573d;--warn:#f4c064;--warn-soft:#3a2d10;
--warn-fill:#d9a13a;--must-fill:#8f5f12;--bad:#ff9c92;--bad-soft:#431d1a;--bad-fill:#c8554a;--wait:#9dbcff;--wait-soft:#1b2a49;
--wait-fill:#4a74c4}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:66rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
h1,h2,h3,p,ul,dl,dd{margin:0;padding:0}
ul{list-style:none}
small,.quiet,.scale,.key,dt,caption,th{color:var(--dim);font-size:.85rem}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
a{color:var(--wait)}
.pod{color:var(--dim);padding:0 0 .75rem}.pod b{color:var(--ink)}
.stale main{filter:grayscale(1)}.stale h1::before{content:"Before: "}
footer{display:flex;flex-wrap:wrap;gap:.25rem 2rem;padding-top:.75rem;color:var(--dim);font-size:.9rem}
#stale{margin-bottom:.75rem}#stale[hidden]{display:none}
.headline,.others li{display:flex;gap:.9rem;align-items:flex-start}
.headline{padding:1.1rem 1.25rem;border-radius:.75rem;border-left:.4rem solid}
.headline h1,.headline .first{font-size:1.3rem;line-height:1.35;font-weight:650;color:var(--ink)}
.headline.good{background:var(--good-soft);color:var(--good)}
.headline.warn{background:var(--warn-soft);color:var(--warn)}
.headline.bad,.headline.gone{background:var(--bad-soft);color:var(--bad)}
.headline.wait{background:var(--wait-soft);color:var(--wait)}
.headline p,.others p{color:var(--ink)}
.headline .remedy,.headline .history{margin-top:.5rem}
.headline>div,.others div{min-width:0}
h1,.remedy,.history,td p,.line{overflow-wrap:anywhere}
.others li{padding:.75rem 1.25rem;border-bottom:1px solid var(--line)}
.others .icon{width:1.35rem;height:1.35rem;margin-top:.1rem}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.wait{color:var(--wait)}
.line{margin-top:.4rem}
.line code{display:inline-block;padding:.15rem .55rem;border-radius:.35rem;background:var(--card);color:var(--ink);
border:1px solid var(--line);font-weight:600}
.copy{display:none;padding:.1rem .6rem;border:1px solid var(--line);border-radius:.35rem;background:var(--card);color:var(--ink);font:inherit;font-size:.85rem;cursor:pointer}
.js .copy{display:inline-block}
.icon{flex:none}
.icon circle,.icon .fill{fill:currentColor}
.icon path:not(.fill){fill:none;stroke:var(--card);stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
.card{margin-top:1rem;padding:1.1rem 1.25rem;border-radius:.75rem;background:var(--card);border:1px solid var(--line)}
h2{font-size:1.1rem;margin-bottom:.6rem}
h3{font-size:1rem;font-weight:600}
dd{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.6rem 1.5rem}
.rows{margin-top:1rem;border-top:1px solid var(--line)}
.row{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:.4rem 1.5rem;padding:.9rem 0;
border-bottom:1px solid var(--line)}
.row .remedy{font-size:.95rem}
.client .life>p:first-of-type{margin-top:.15rem}
.badge{display:inline-block;padding:0 .55rem;border-radius:1rem;font-size:.85rem;font-weight:600}
.badge.good{background:var(--good-soft)}.badge.warn{background:var(--warn-soft)}
.badge.bad{background:var(--bad-soft)}.badge.wait{background:var(--wait-soft)}
.reads{margin-top:.5rem}
svg{display:block}
.bar{overflow:visible}
.track{fill:var(--track)}
.spent{fill:var(--line)}.left,.calm{fill:var(--good-fill)}.minimum{fill:var(--low-fill)}.doubt{fill:var(--wait-fill)}
.margin{fill:var(--bad-fill)}.ending{fill:var(--bad)}.advisory{fill:var(--warn-fill)}.mandatory{fill:var(--must-fill)}
line{stroke-width:2;stroke:var(--ink)}
line.refresh{stroke:var(--wait);stroke-width:3;stroke-dasharray:3 2}
line.minimum{stroke:var(--dim);stroke-width:2}
.scale{display:flex;justify-content:space-between}
.key{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin-top:.35rem}
.key li{display:flex;gap:.4rem;align-items:center}
.swatch{flex:none}
.card>.key{margin-top:.6rem}
.plot .some{fill:var(--wait-fill)}.plot .none{fill:var(--line)}
table{width:100%;border-collapse:collapse;margin-top:1.1rem}
th:first-child{width:13rem}.refusals th:first-child{width:auto}
caption{text-align:left;padding-bottom:.25rem}
th{text-align:left;font-weight:400}
th,td{padding:.3rem .75rem .3rem 0;vertical-align:top;border-bottom:1px solid var(--line)}
td:last-child,th:last-child{padding-right:0;width:6rem}
td p{display:inline;padding-left:.5rem}
.took{margin-top:.3rem}
.took rect{fill:var(--wait-fill)}
summary{cursor:pointer}summary h2{display:inline}
.card[open]>summary{margin-bottom:.6rem}.card:not([open]){padding:.7rem 1.25rem}
.more{padding:.7rem 0;border-bottom:1px solid var(--line)}.more>summary{color:var(--dim)}.others~.more{padding:.7rem 1.25rem}
small code{font-size:1em}.mark+.mark::before{content:"· "}
.quiet{margin-top:1rem}
.card>.quiet{margin-top:.6rem}
@media (max-width:44rem){body{padding:.6rem}.headline{padding:.9rem}.headline h1,.headline .first{font-size:1.12rem}
.card{padding:.9rem}.row{grid-template-columns:minmax(0,1fr)}th:first-child{width:31%}.refusals th:first-child{width:auto}td p{display:block;padding:0}td small{display:block}td:last-child,th:last-child{width:4.5rem}}
`;
