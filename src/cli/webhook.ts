import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errorLine, ScanError } from "../errors.ts";

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
const ANSWER_MS = 15_000;

/** An address to post to. @throws usage */
export function webhookAddress(address: string): URL {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ScanError("usage", "--webhook takes an http(s) address");
  // fetch takes none, and says so with the password in its words.
  if (url.username !== "" || url.password !== "")
    throw new ScanError(
      "usage",
      "--webhook takes no address with a password in it: SIXRAY_WEBHOOK_SECRET signs what is posted",
    );
  return url;
}

/**
 * Posts `document` as JSON. With a secret the header `X-Sixray-Signature-256: sha256=…` holds the HMAC-SHA256 of the
 * body; `X-Sixray-Delivery` stays the same over all tries, so that a receiver can tell a repetition. Tried again when
 * the receiver cannot be reached, or answers 408, 429 or 5xx. @throws access
 */
export async function postWebhook(
  url: URL,
  document: object,
  secret: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(document);
  const headers = {
    "content-type": "application/json",
    "user-agent": "sixray",
    "x-sixray-delivery": randomUUID(),
    ...(secret
      ? { "x-sixray-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` }
      : {}),
  };
  // What stands in the query or before the @ may be a secret.
  const where = `${url.protocol}//${url.host}${url.pathname}`;
  let said = "";
  for (let attempt = 1, pause = FIRST_PAUSE_MS; attempt <= ATTEMPTS; attempt++, pause *= 2) {
    let wait = pause;
    try {
      const answer = await fetch(url, {
        method: "POST",
        body,
        headers,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      said = `answers ${answer.status}`;
      if (![408, 429].includes(answer.status) && answer.status < 500) break;
      const after = Number(answer.headers.get("retry-after"));
      if (after > 0) wait = after * 1000;
    } catch (error) {
      signal.throwIfAborted();
      said = errorLine(error instanceof Error && error.cause instanceof Error ? error.cause : error);
    }
    if (attempt < ATTEMPTS) await sleep(Math.min(wait, PAUSE_MAX_MS), undefined, { signal });
  }
  throw new ScanError("access", `the webhook was not delivered: ${said}`, { at: [where] });
}
