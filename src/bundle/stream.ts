/** All that a stream of bytes gives. */
export async function gathered(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a stream of something else than bytes");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
