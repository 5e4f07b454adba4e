/** The page's one style sheet: light and dark by the reader's wish, telephone to desk, and paper. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f7f6f3;--paper:#fff;--ink:#1d1f23;--soft:#575c66;--line:#dedbd4;--code:#f3f1ec;--link:#1a56a8;
--flagged:#a8231b;--flagged-bg:#fdebe8;--unreadable:#6a2c9c;--unreadable-bg:#f4eafc;--review:#7a4f00;--review-bg:#fdf1d3;--waived:#0a5c70;--waived-bg:#e0f2f7;--pass:#1a6738;--pass-bg:#e5f4ea;--none:#575c66;--none-bg:#eeece7}
@media (prefers-color-scheme:dark){:root{--bg:#14161a;--paper:#1c1f25;--ink:#e7e6e3;--soft:#a4a9b3;--line:#343942;--code:#262a31;--link:#8ab8f5;
--flagged:#ffaea4;--flagged-bg:#451a16;--unreadable:#d7b5fb;--unreadable-bg:#341d4c;--review:#f1cb74;--review-bg:#3b2e0c;--waived:#87d8ec;--waived-bg:#0d3540;--pass:#8ed9a7;--pass-bg:#14351f;--none:#a4a9b3;--none-bg:#2a2e36}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
body>header,main,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
code,pre,bdi{unicode-bidi:isolate}
code,pre{font:.875em/1.5 ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:.06em}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:.18rem solid var(--link);outline-offset:.12rem;border-radius:.2rem}
h1{font-size:clamp(1.6rem,1.1rem + 2vw,2.4rem);line-height:1.15;letter-spacing:-.02em;margin:.1em 0 .35em;font-weight:650;text-wrap:balance}
h2{font-size:1.3rem;letter-spacing:-.01em;margin:2.75rem 0 .75rem}
h3{font-size:1rem;margin:0}
h4{font-size:.95rem;margin:1.6rem 0 .5rem}
h5{font-size:1rem;margin:0;display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:baseline}
small,.m{color:var(--soft);font-size:.875rem}
.top{padding-top:2.5rem!important}.brand{margin:0;color:var(--soft);font-weight:600;letter-spacing:.02em}
.defs{position:absolute;width:0;height:0}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;background:var(--paper);padding:.5rem 1rem;z-index:2}.skip:focus{left:1rem;top:1rem}
.flagged{--c:var(--flagged);--cb:var(--flagged-bg)}.unreadable{--c:var(--unreadable);--cb:var(--unreadable-bg)}.review{--c:var(--review);--cb:var(--review-bg)}.waived{--c:var(--waived);--cb:var(--waived-bg)}.pass{--c:var(--pass);--cb:var(--pass-bg)}.none{--c:var(--none);--cb:var(--none-bg)}
.violating{--c:var(--flagged);--cb:var(--flagged-bg)}.compliant{--c:var(--pass);--cb:var(--pass-bg)}.absent{--c:var(--none);--cb:var(--none-bg)}.no-effect{--c:var(--review);--cb:var(--review-bg)}
svg.s{width:1em;height:1em;flex:none;fill:var(--c);vertical-align:-.12em;overflow:visible}
symbol .k,.k{fill:none;stroke:var(--cb);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.b,.o,.p{display:inline-flex;align-items:center;gap:.4em;padding:.1em .6em .1em .45em;border-radius:1em;background:var(--cb);color:var(--c);font-size:.8125rem;font-weight:600;white-space:nowrap}
.o,.p{padding:.05em .6em;border-radius:.3em;font-weight:600}
.lead{font-size:1.2rem;margin:.25rem 0 1.1rem;text-wrap:pretty}
.tiles{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(8.2rem,1fr));gap:.6rem}
.tiles li{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem;display:grid;grid-template-columns:auto 1fr;column-gap:.5rem;align-items:center}
.tiles b{font-size:1.7rem;line-height:1.1;font-weight:650;font-variant-numeric:tabular-nums}
.tiles span{grid-column:1/-1;color:var(--soft);font-size:.9rem}.tiles svg.s{font-size:1.15rem}
.key{color:var(--soft);font-size:.875rem;margin:.8rem 0 1.4rem;max-width:62rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem;align-items:start}
.chart{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem}
.chart ul{list-style:none;margin:.7rem 0 0;padding:0;display:grid;gap:.85rem}
.chart li{display:grid;grid-template-columns:1fr auto;gap:.15rem .75rem}
.n{font-weight:550;font-size:.925rem}.t{color:var(--soft);font-size:.875rem;font-variant-numeric:tabular-nums}
.bar{grid-column:1/-1;width:100%;height:.65rem;display:block;border-radius:.2rem;background:var(--code)}.bar rect{fill:var(--c)}
.w{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:.05rem .9rem;color:var(--soft);font-size:.8125rem}.w svg.s{margin-right:.35em}.w .s .k{stroke:var(--paper)}
#filters:not([hidden]){display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;margin:0 0 .8rem}
#filters fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem .7rem}
#filters label{white-space:nowrap;display:inline-flex;align-items:center;gap:.35rem;font-size:.9rem;min-height:1.75rem}
#filters input[type=search],#filters select{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.4rem;padding:.3rem .6rem}
#filters input[type=search]{width:min(100%,19rem)}#filters input[type=checkbox]{width:1.1rem;height:1.1rem;accent-color:var(--link);margin:0}
::placeholder{color:var(--soft);opacity:1}
#shown{margin:0 0 0 auto;color:var(--soft);font-size:.9rem;font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:separate;border-spacing:0;background:var(--paper);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
th,td{text-align:left;vertical-align:top;padding:.55rem .8rem;border-bottom:1px solid var(--line)}
tbody tr:last-child td{border-bottom:0}
th{font-size:.8125rem;color:var(--soft);font-weight:600;white-space:nowrap;background:var(--paper)}
th button{font:inherit;color:inherit;background:none;border:0;margin:0;padding:.2rem 0;cursor:pointer;min-height:1.5rem}
th button::after{content:" ↕";opacity:.75}th[aria-sort]{color:var(--ink)}th[aria-sort=ascending] button::after{content:" ↑";opacity:1}th[aria-sort=descending] button::after{content:" ↓";opacity:1}
td:nth-child(2){white-space:nowrap}td:nth-child(3){min-width:12rem}td:nth-child(3) a{font-weight:550}td:nth-child(3) small{display:inline-block;line-height:1.4;margin-top:.1rem}
tbody tr:hover td{background:var(--code)}
.wide{font-size:.9rem;max-width:13rem}
article{background:var(--paper);border:1px solid var(--line);border-left:.3rem solid var(--c);border-radius:.6rem;padding:1.25rem 1.5rem 1rem;margin:0 0 1.25rem;content-visibility:auto;contain-intrinsic-size:auto 60rem}
article:target{outline:.15rem solid var(--link);outline-offset:.15rem}
article h3{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;margin:.45rem 0 0}
.id{margin:.1rem 0 0;color:var(--soft)}.why{margin:.5rem 0 0;font-size:1.05rem;max-width:46rem;text-wrap:pretty}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:.8rem 1.5rem;margin:1.1rem 0 0;padding:.9rem 0;border:solid var(--line);border-width:1px 0}
.facts div{min-width:0}dt{color:var(--soft);font-size:.8125rem}dd{margin:0}.facts dd{font-size:.95rem}
.steps{list-style:none;margin:0;padding:0 0 0 .05rem}
.steps>li{position:relative;padding:0 0 .8rem 1.35rem;border-left:2px solid var(--line);margin-left:.35rem}
.steps>li:last-child{padding-bottom:.1rem}
.steps>li::before{content:"";position:absolute;left:calc(-.35rem - 1px);top:.5rem;width:.7rem;height:.7rem;border-radius:50%;background:var(--paper);border:2px solid var(--soft)}
.steps>.d::before{background:var(--ink);border-color:var(--ink)}
.l{font-size:.8125rem;font-weight:600;color:var(--soft);background:var(--code);border-radius:.3em;padding:.1em .5em;margin-right:.3em;white-space:nowrap}
.mark{font-size:.8125rem;font-weight:600;background:var(--ink);color:var(--paper);border-radius:.3em;padding:.08em .5em;margin-left:.2em;white-space:nowrap}
.e{margin:.4rem 0 0;max-width:60rem}
.e p{margin:0;line-height:1.4;color:var(--soft)}.e small{margin-left:.4em}
pre{margin:.2rem 0 0;padding:.35rem .7rem;background:var(--code);border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre span{display:flex;gap:.9em}pre b{font-weight:400;color:var(--soft);min-width:2.2em;text-align:right;flex:none;user-select:none}
.r{margin:0 0 1.1rem}.r>p{margin:.3rem 0;max-width:52rem}.fix b{font-weight:600;margin-right:.35em}
.places{list-style:none;margin:.7rem 0 0;padding:0;border-top:1px solid var(--line)}
.places li{display:grid;grid-template-columns:6.6rem 1fr;gap:.2rem .9rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
.places li>div{min-width:0}.places .p{justify-self:start;align-self:start;margin-top:.1rem}.places p{margin:0;font-size:.925rem}
.boot{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:0}.boot dd{min-width:0}.boot dt{padding-top:.1rem}
.plain,.unread{margin:.3rem 0;padding-left:1.2rem}.unread li::marker{color:var(--unreadable)}
.up{margin:1.2rem 0 0;font-size:.875rem}
footer{padding-bottom:4rem!important;color:var(--soft)}footer p{max-width:46rem}footer h2{color:var(--ink);font-size:1.05rem;margin:1.8rem 0 .3rem}
.hash{background:var(--code);padding:.2rem .5rem;border-radius:.3rem;color:var(--ink)}
[hidden]{display:none!important}
@media (max-width:52rem){.wide{display:none}}
@media (max-width:36rem){body>header,main,footer{padding:0 .9rem}.top{padding-top:1.5rem!important}
th,td{padding:.5rem .5rem}.b{font-size:.75rem}article{padding:1rem 1rem .8rem}td:nth-child(3){min-width:0}
.places li{grid-template-columns:1fr}.boot{grid-template-columns:1fr;gap:0}.boot dd{margin-bottom:.5rem}#shown{margin:0}
.tiles{grid-template-columns:repeat(auto-fit,minmax(6rem,1fr))}#filters .f,#filters input[type=search]{width:100%}
#filters .f{flex-wrap:wrap}}
@media print{:root{color-scheme:light;--bg:#fff;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--code:#f2f2f2;--link:#000;
--flagged:#a8231b;--flagged-bg:#fff;--unreadable:#6a2c9c;--unreadable-bg:#fff;--review:#7a4f00;--review-bg:#fff;--waived:#0a5c70;--waived-bg:#fff;--pass:#1a6738;--pass-bg:#fff;--none:#444;--none-bg:#fff}
body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}body>header,main,footer{max-width:none;padding:0}
#filters,.skip,.up{display:none!important}article{content-visibility:visible;break-before:page;border:0;border-left:.3rem solid var(--c);border-radius:0;padding:0 0 0 1rem}
.e,.tiles li,tr,.places li,h3,h4,h5{break-inside:avoid}h2,h3,h4,h5{break-after:avoid}.each>h2{display:none}a{text-decoration:none}th button::after{content:""!important}.b,.o,.p{border:1px solid}}
@page{margin:16mm}
`;
