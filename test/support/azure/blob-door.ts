import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { listen } from "./listen.ts";

/** Stands before Azurite: adds time to each request, counts, answers in its place, asks for a bearer token. */
export class BlobDoor {
  readonly #server: Server;
  readonly #behind: string;
  delayMs = 0;
  requests = 0;
  bytes = 0;
  mostAtOnce = 0;
  #now = 0;
  /** True: answered already. */
  answer: (request: IncomingMessage, reply: ServerResponse, count: number) => boolean = () => false;

  constructor(behind: string) {
    this.#behind = behind;
    this.#server = createServer((asked, reply) => {
      this.#pass(asked, reply).catch(() => reply.destroy());
    });
  }

  start(): Promise<string> {
    return listen(this.#server);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    this.requests++;
    this.#now++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    try {
      if (this.delayMs > 0) await wait(this.delayMs);
      if (this.answer(asked, reply, this.requests)) return;
      const { authorization: _, host: __, ...headers } = asked.headers;
      const behind = await new Promise<IncomingMessage>((resolve, reject) => {
        request(`${this.#behind}${asked.url}`, { method: asked.method ?? "GET", headers }, resolve)
          .on("error", reject)
          .end();
      });
      reply.writeHead(behind.statusCode ?? 500, behind.headers);
      for await (const piece of behind) {
        this.bytes += piece.length;
        reply.write(piece);
      }
      reply.end();
    } finally {
      this.#now--;
    }
  }
}
