/**
 * The document in Typst. All text comes from `data`, as strings, so nothing that an image says is read as markup.
 * Characters beyond ASCII stand as escapes: a raw string has none of its own.
 * Long paths bring their own places to wrap (`printable.ts`).
 */
export const TEMPLATE: string = String.raw`
#let data = json(bytes(sys.inputs.data))
#let tint = (flagged: rgb("#a8231b"), unreadable: rgb("#6a2c9c"), review: rgb("#7a4f00"), waived: rgb("#0a5c70"), pass: rgb("#1a6738"))
#let wash = (flagged: rgb("#fdebe8"), unreadable: rgb("#f4eafc"), review: rgb("#fdf1d3"), waived: rgb("#e0f2f7"), pass: rgb("#e5f4ea"))
#let mark = (flagged: "!", unreadable: "x", review: "?", waived: "-", pass: "+")
#let outcomes = (fail: "flagged", unknown: "unreadable", review: "review", pass: "pass", violating: "flagged", compliant: "pass", no-effect: "review", unreadable: "unreadable")
#let soft = rgb("#575c66")
#let line-colour = rgb("#d5d2cb")
#set document(title: "IPv6 on base images", author: data.engine, date: DATE)
#set text(lang: "en", font: "Libertinus Serif", size: 10.5pt, fill: rgb("#1d1f23"), hyphenate: false)
#set par(leading: 0.58em, spacing: 0.9em, justify: false)
#set page(paper: "a4", margin: (x: 22mm, top: 20mm, bottom: 20mm), footer: context [
  #set text(8.5pt, fill: soft)
  #grid(columns: (1fr, auto), [#data.engine #if data.day != "" [ \u{b7} #data.day] \u{b7} report #data.sha256.slice(0, 12)], [#counter(page).display("1 / 1", both: true)])
])
#set table(stroke: none, inset: (x: 5pt, y: 4.5pt))
#show heading: set text(weight: "bold")
#show heading.where(level: 1): it => block(above: 0pt, below: 10pt, text(17pt, it.body))
#show heading.where(level: 2): it => block(above: 13pt, below: 6pt, text(11.5pt, it.body))
#show heading.where(level: 3): it => block(above: 10pt, below: 5pt, text(10.5pt, it.body))
#let code(s) = text(font: "DejaVu Sans Mono", size: 0.82em, s)
#let muted(body) = text(fill: soft, size: 0.9em, body)
#let pill(word, kind) = box(fill: wash.at(kind, default: rgb("#eeece7")), inset: (x: 4.5pt), outset: (y: 2.6pt), radius: 3pt, text(size: 0.85em, weight: "bold", fill: tint.at(kind, default: soft))[#if kind in mark [#mark.at(kind) ]#word])
#let rule = line(length: 100%, stroke: 0.5pt + line-colour)

#v(20mm)
#text(11pt, fill: soft, weight: "bold")[sixray]
#v(-4pt)
#text(26pt, weight: "bold", hyphenate: false)[IPv6 on base images]
#v(2pt)
#text(12pt, fill: soft)[Which images come up speaking IPv6, what was read to tell, and what was not]
#v(10pt)
#rule
#grid(columns: (auto, 1fr), column-gutter: 14pt, row-gutter: 7pt,
  muted[Images], [#data.total],
  ..if data.day != "" { (muted[Waivers and reviews of], [#data.day]) },
  muted[Made by], [#data.engine],
  muted[SHA-256 of the JSON], text(font: "DejaVu Sans Mono", size: 8pt, data.sha256))
#rule
#v(12pt)

= Summary
#block(above: 6pt)[#grid(columns: (1fr,) * 5, column-gutter: 6pt, ..data.tally.map(one => block(width: 100%, fill: wash.at(one.verdict), radius: 4pt, inset: 9pt)[
  #set par(leading: 0.75em)
  #text(20pt, weight: "bold", fill: tint.at(one.verdict))[#one.count] \
  #text(9.5pt, weight: "bold", fill: tint.at(one.verdict))[#mark.at(one.verdict) #one.verdict]]))]
#if data.total > 0 [
== By provider
#table(columns: (1fr,) + (auto,) * 6, align: (left,) + (right,) * 6,
  table.header(..("Provider", "flagged", "unreadable", "review", "waived", "pass", "all").map(t => text(9pt, fill: soft, weight: "bold", t))),
  table.hline(stroke: 0.5pt + line-colour),
  ..data.providers.map(p => (p.provider, ..p.counts.map(c => if c == 0 [\u{2013}] else [#c]), [#p.total])).flatten())
]

== Method
sixray reads the disk of each image and starts nothing. It finds the file system that would boot, the kernel and its command line, and follows everything that runs on the way up (modules, sysctl, network managers, firewalls) in the order of the boot, as the programs themselves read their files. What it predicts is judged by a policy. Each step stands on lines of files, which are named with their place in the image.

#if data.policies.len() > 0 [
Policies: #for p in data.policies [#list.item[#strong(p.id)#if p.title != "" [: #p.title] #if p.digest != "" [\ #code(p.digest)]]]
]

== What was read and what was not
Only the files that decide were read, each image by itself; the JSON report names every line. #if data.unread.len() == 0 [Nothing that was asked for was left unread.] else [The following could not be read. An image whose answer depends on it is never a pass.
#table(columns: (auto, 1fr, 1.4fr), table.header(..("Image", "Where", "Why").map(t => text(9pt, fill: soft, weight: "bold", t))), table.hline(stroke: 0.5pt + line-colour),
  ..data.unread.slice(0, calc.min(40, data.unread.len())).map(u => (link(label(u.image), u.name), code(u.what), u.reason)).flatten())
#if data.unread.len() > 40 [#muted[and #(data.unread.len() - 40) more, each on the page of its image]]]

== Waivers
#if data.waivers.len() == 0 [No waiver was applied.] else [
#table(columns: (auto, auto, 1fr, auto, auto), table.header(..("Waiver", "State", "Reason", "Approved by", "Until").map(t => text(9pt, fill: soft, weight: "bold", t))), table.hline(stroke: 0.5pt + line-colour),
  ..data.waivers.map(w => ([#w.id], [#w.state, #w.count #if w.count == 1 [finding] else [findings]], w.reason, w.approvedBy, w.expires)).flatten())]
#if data.accepted > 0 [Accepted in a review: #data.accepted #if data.accepted == 1 [image] else [images]. The page of each says by whom and until when.]

== What this does not prove
It is a prediction from the disk. What a cloud, the data of an instance or a later change makes of a running machine is not in it, and the blind spots of each image say what could not be followed. It does not prove that the image a provider delivers tomorrow is the one that was read. It says nothing about anything but IPv6.

#let picture(i) = [
  #pagebreak(weak: true)
  #block(above: 4pt, below: 11pt, pill(i.verdict, i.verdict))
  #[= #i.name #label(i.label)]
  #if i.id != "" [#block(above: 0pt, below: 8pt, text(fill: soft, code(i.id)))]
  #block(above: 0pt, below: 11pt, text(11.5pt, i.reason))
  #rule
  #grid(columns: (auto, 1fr), column-gutter: 12pt, row-gutter: 5.5pt,
    muted[IPv6 after the first boot], [*#i.state*#if i.confidence != "" [ (confidence: #i.confidence)]],
    ..if i.facts.len() > 0 { (muted[Predicted], i.facts.join(" \u{b7} ")) },
    muted[Image], [#i.provider, family #i.family, #i.os],
    muted[Policy], i.policy,
    ..if i.cmdline != "" { (muted[Command line], code(i.cmdline)) })
  #rule
  #if i.steps.len() > 0 [
  == Step by step, in boot order
  #for s in i.steps [#enum.item[#muted[#s.layer:] #s.text#if s.decides [ *(decides)*]#for l in s.lines [ \ #text(fill: soft, code(l))]]]
  #if i.moreSteps > 0 [#muted[and #i.moreSteps more steps in the JSON]]]
  #for f in i.findings [
  == #f.title
  #pill(f.outcome, outcomes.at(f.outcome, default: "")) #if f.waiver != "" [waived: #f.waiver. ]#if f.message != "" [#f.message]
  #if f.checks.len() > 0 [#table(columns: (auto, 1.4fr, 1fr), inset: (x: 5pt, y: 4.5pt), table.header(..("Outcome", "Place", "What stands there").map(t => text(9pt, fill: soft, weight: "bold", t))), table.hline(stroke: 0.5pt + line-colour),
    ..f.checks.map(c => (pill(c.outcome, outcomes.at(c.outcome, default: "")), code(c.place), text(9.5pt, c.message))).flatten())]
  #if f.remedy != "" [*Fix.* #f.remedy]]
  #if i.blindSpots.len() > 0 [
  == What cannot be followed from the disk alone
  #for b in i.blindSpots [#list.item[#muted[#b.layer:] #b.text#if b.decisive [ *(can turn the answer around)*]]]]
  == What was not read
  #if i.unread.len() == 0 [Nothing that was asked for was left unread.] else [#for u in i.unread [#list.item[#u]] #if i.moreUnread > 0 [#muted[and #i.moreUnread more in the JSON]]]
  #v(2pt)
  #muted[Read: #i.read#if i.from != "" [, from #i.from].#for n in i.notes [ #n.]]
]
#for i in data.images [#picture(i)]

#pagebreak()
= Sign-off
This document was made from one canonical report and says nothing that is not in it. The SHA-256 of that file is:
#block(fill: rgb("#f3f1ec"), inset: 8pt, radius: 3pt, width: 100%, text(font: "DejaVu Sans Mono", size: 8.6pt, data.sha256))

== How to verify it
+ Compare the digest with that of the report you were given: #box(code("sha256sum report.json"))
+ Check the signature, if there is one, and judge the evidence again, offline: #box(code("sixray verify report.json report.sigstore.json bundle.sixray.tar.gz --key public.pem"))
+ Judge the evidence alone: #box(code("sixray evaluate bundle.sixray.tar.gz --format json"))

#v(8pt)
I have read this report, what was not read, and what it does not prove.
#for field in ("Name", "Role", "Date", "Signature") [
  #block(above: 34pt, below: 0pt, line(length: 70%, stroke: 0.5pt + soft))
  #block(above: 4pt, below: 0pt, muted[#field])
]
`;
