import type { Evidence } from "../../../model/locator.ts";

/** An answer that may not be known. */
export type Tri = "yes" | "no" | "maybe";

/**
 * What stands for "somebody out there tries a port that nobody thought of": the first packet of a new connection
 * over IPv6, from a global address to one of the machine's own, through the network card, to a port that no rule
 * names. A ruleset filters IPv6 input when it drops this packet.
 */
export interface Packet {
  readonly protocol: "tcp" | "udp";
  /** Names of the card, where the image tells them. */
  readonly nicNames: readonly string[];
}

export type Verdict =
  | { readonly do: "accept" | "drop" | "return" | "continue" }
  | { readonly do: "jump" | "goto"; readonly chain: string }
  /** A program, or something that is not understood, decides. */
  | { readonly do: "unknown"; readonly why: string };

export interface Rule {
  /** Each verdict the rule can come to, with the test that leads there; the first that holds counts. */
  readonly branches: readonly { readonly test: (packet: Packet) => Tri; readonly verdict: Verdict }[];
  readonly evidence: Evidence;
}

export interface Chain {
  readonly rules: Rule[];
  /** Present for a chain that the kernel itself enters: where it is hooked in, and what happens at its end. */
  base?: { readonly hook: "prerouting" | "input"; policy: "accept" | "drop"; evidence: Evidence };
}

/** A table's chains by their names. */
export type Table = Map<string, Chain>;

/** What one packet meets at the end. */
export type Fate = {
  readonly fate: "accept" | "drop" | "through" | "unknown";
  readonly why: string;
  readonly evidence: readonly Evidence[];
};

/** Rules and chains beyond this are hostile. */
const VISITS_MAX = 200_000;

/** Follows packets through one table, every way that is possible. */
export class Walker {
  readonly #table: Table;
  readonly #packet: Packet;
  readonly #known = new Map<string, readonly Fate[]>();
  readonly #budget: { visits: number };

  constructor(table: Table, packet: Packet, budget: { visits: number } = { visits: VISITS_MAX }) {
    this.#table = table;
    this.#packet = packet;
    this.#budget = budget;
  }

  /** The fates of the packet in a base chain: never `through`. */
  enter(chain: Chain): readonly Fate[] {
    const { base } = chain;
    if (!base) return [];
    const fates = this.#rules(chain, 0);
    const policy: Fate = {
      fate: base.policy,
      why: `what no rule takes meets the chain's policy ${base.policy}`,
      evidence: [base.evidence],
    };
    return oneOfEach(fates.map((one) => (one.fate === "through" ? policy : one)));
  }

  #chain(name: string, depth: number, evidence: Evidence): readonly Fate[] {
    const known = this.#known.get(name);
    if (known) return known;
    const chain = this.#table.get(name);
    // Chains in a circle, or that are not there: the kernel refuses the ruleset.
    if (!chain || depth > 16)
      return [{ fate: "unknown", why: `chain ${name} cannot be followed`, evidence: [evidence] }];
    this.#known.set(name, [
      { fate: "unknown", why: `chain ${name} leads back to itself`, evidence: [evidence] },
    ]);
    const fates = this.#rules(chain, depth + 1);
    this.#known.set(name, fates);
    return fates;
  }

  #rules(chain: Chain, depth: number): readonly Fate[] {
    const fates: Fate[] = [];
    for (const rule of chain.rules) {
      if (--this.#budget.visits < 0)
        return [{ fate: "unknown", why: "there are too many rules to follow", evidence: [rule.evidence] }];
      const { found, goesOn } = this.#rule(rule, depth);
      fates.push(...found);
      if (!goesOn) return oneOfEach(fates);
    }
    return oneOfEach([...fates, { fate: "through", why: "", evidence: [] }]);
  }

  #rule(rule: Rule, depth: number): { readonly found: readonly Fate[]; readonly goesOn: boolean } {
    const found: Fate[] = [];
    let goesOn = false;
    for (const { test, verdict } of rule.branches) {
      const holds = test(this.#packet);
      if (holds === "no") continue;
      const fates = this.#fates(verdict, rule, depth);
      found.push(...fates.filter(({ fate }) => fate !== "through" || ends(verdict)));
      if (fates.some(({ fate }) => fate === "through") && !ends(verdict)) goesOn = true;
      if (holds === "yes") return { found, goesOn };
    }
    return { found, goesOn: true };
  }

  #fates(verdict: Verdict, { evidence }: Rule, depth: number): readonly Fate[] {
    switch (verdict.do) {
      case "accept":
        return [{ fate: "accept", why: "a rule lets it in", evidence: [evidence] }];
      case "drop":
        return [{ fate: "drop", why: "a rule turns it away", evidence: [evidence] }];
      case "unknown":
        return [{ fate: "unknown", why: verdict.why, evidence: [evidence] }];
      case "continue":
      case "return":
        return [{ fate: "through", why: "", evidence: [] }];
      case "jump":
      case "goto":
        return this.#chain(verdict.chain, depth, evidence);
    }
  }
}

/** Whether a chain is over once the verdict has let the packet through. */
function ends(verdict: Verdict): boolean {
  return verdict.do === "return" || verdict.do === "goto";
}

function oneOfEach(fates: readonly Fate[]): readonly Fate[] {
  const seen = new Map<string, Fate>();
  for (const one of fates) if (!seen.has(one.fate)) seen.set(one.fate, one);
  return [...seen.values()];
}

/** What a set of tables does to packets that nobody asked for. */
export interface Answer {
  readonly filters: boolean | "unknown";
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/** Sends both packets through every base chain: one drop is enough, and an accept counts for its own chain only. */
export function judgeTables(tables: readonly Table[], nicNames: readonly string[]): Answer {
  const budget = { visits: VISITS_MAX };
  const [tcp, udp] = (["tcp", "udp"] as const).map((protocol) =>
    judgePacket(tables, { protocol, nicNames }, budget),
  );
  if (!tcp || !udp) throw new Error("two packets, two answers");
  if (tcp.filters === "unknown" || tcp.filters === udp.filters) return tcp;
  if (udp.filters === "unknown") return udp;
  const [shut, open] = tcp.filters ? ["TCP", "UDP"] : ["UDP", "TCP"];
  return {
    filters: "unknown",
    why: `new ${shut} is turned away, but ${open} is let in`,
    evidence: [...tcp.evidence, ...udp.evidence],
  };
}

function judgePacket(tables: readonly Table[], packet: Packet, budget: { visits: number }): Answer {
  let open: Fate | undefined;
  let unsure: Fate | undefined;
  for (const table of tables) {
    const walker = new Walker(table, packet, budget);
    for (const chain of table.values()) {
      const fates = walker.enter(chain);
      const [first] = fates;
      if (first === undefined) continue;
      if (fates.length === 1 && first.fate === "drop") return answer(true, first);
      if (fates.length === 1 && first.fate === "accept") open ??= first;
      else unsure ??= fates.find(({ fate }) => fate === "unknown") ?? fork(fates);
    }
  }
  if (unsure) return answer("unknown", unsure);
  if (open) return answer(false, open);
  return { filters: false, why: "no chain takes IPv6 packets on their way in", evidence: [] };
}

function fork(fates: readonly Fate[]): Fate {
  return {
    fate: "unknown",
    why: "whether it turns a new connection away depends on what cannot be told from the image",
    evidence: fates.flatMap(({ evidence }) => evidence),
  };
}

function answer(filters: Answer["filters"], { why, evidence }: Fate): Answer {
  return { filters, why, evidence };
}
