import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A metadata server as an instance sees it: attributes by name. */
export interface MetadataServer {
  readonly port: number;
  /** `http://127.0.0.1:1234/computeMetadata/v1/instance/attributes` */
  readonly url: string;
  /** How often something was asked for. */
  readonly asked: () => number;
  close(): void;
}

/** Serves the attributes; `prefix` comes before the name, for several instances behind one server. */
export async function metadataServer(
  attributes: (name: string) => string | undefined,
): Promise<MetadataServer> {
  let asked = 0;
  const server: Server = createServer((request, response) => {
    asked++;
    const name = /^\/computeMetadata\/v1\/instance\/attributes\/(.*)$/.exec(request.url ?? "")?.[1] ?? "";
    const value = request.headers["metadata-flavor"] === "Google" ? attributes(name) : undefined;
    response.statusCode = value === undefined ? 404 : 200;
    response.end(value ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = addressOf(server);
  return {
    port,
    url: `http://127.0.0.1:${port}/computeMetadata/v1/instance/attributes`,
    asked: () => asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return address;
}
