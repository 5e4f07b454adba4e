// The protocols of EC2 and STS put everything into elements that may be missing, so that a page of something in
// between (a captive portal, a proxy) would be read as an answer with nothing in it.

/** Far more than stands before an answer's root element. */
const HEAD_CHARS = 1000;

/** What answered is not the service. */
export class ForeignAnswer extends Error {
  override readonly name = "ForeignAnswer";
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(status: number) {
    super("no answer of the service");
    this.$metadata = { httpStatusCode: status };
  }
}

/**
 * Middleware of an SDK client, before its own reading of answers: rejects with ForeignAnswer for one that is not XML
 * with the root element of the request's answer. Answers that tell of an error are the SDK's to read.
 */
export function onlyOwnAnswers<Args, Output extends { readonly response: unknown }>(
  next: (args: Args) => Promise<Output>,
  { commandName = "" }: { readonly commandName?: string },
): (args: Args) => Promise<Output> {
  const root = new RegExp(`<(?:\\w+:)?${commandName.replace(/Command$/, "")}Response\\b`);
  return async (args) => {
    const output = await next(args);
    const { response } = output;
    if (!isReply(response) || response.statusCode >= 300) return output;
    const body = await bytesOf(response.body);
    if (!root.test(body.toString("utf8", 0, HEAD_CHARS))) throw new ForeignAnswer(response.statusCode);
    response.body = body;
    return output;
  };
}

/** Where the SDK keeps what came: a stream still, which it also takes as bytes. */
interface Reply {
  readonly statusCode: number;
  body: unknown;
}

function isReply(value: unknown): value is Reply {
  return (
    typeof value === "object" &&
    value !== null &&
    "statusCode" in value &&
    typeof value.statusCode === "number" &&
    "body" in value
  );
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  if (isStream(body)) for await (const chunk of body) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
