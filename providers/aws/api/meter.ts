import type { ApiKind } from "../settings.ts";

// Source: Amazon EBS pricing, us-east-1: EBS direct APIs, snapshot storage, transfer between regions.
const USD_PER_GET = 0.003 / 1000;
const USD_PER_LIST = 0.0006 / 1000;

/** What one image took: requests by kind, and what they cost. */
export class Meter {
  readonly #sent: Record<ApiKind, number> = { "get-block": 0, "list-blocks": 0, look: 0, change: 0 };
  #extraUsd = 0;

  sent(kind: ApiKind): void {
    this.#sent[kind]++;
  }

  /** For what costs by size or time. */
  spent(usd: number): void {
    this.#extraUsd += usd;
  }

  get requests(): number {
    return Object.values(this.#sent).reduce((sum, count) => sum + count, 0);
  }

  get blocks(): number {
    return this.#sent["get-block"];
  }

  /** In US dollars, to a millionth. */
  get costUsd(): number {
    const usd =
      this.#sent["get-block"] * USD_PER_GET + this.#sent["list-blocks"] * USD_PER_LIST + this.#extraUsd;
    return Math.ceil(usd * 1e6) / 1e6;
  }
}
