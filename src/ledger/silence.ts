import { Socket } from "node:net";

/**
 * How long a database may say nothing to a connection that waits for it. A machine that froze, or a network that drops
 * what it is given, never says that it is gone, and the kernel's own look (tcp(7), keepalive) takes eleven minutes or
 * more. Statements of a ledger and of its queue take milliseconds; connections that nobody uses are closed long before.
 */
const SILENCE_MS = 120_000;

/** Makes the sockets of a `pg` client or pool (its option `stream`). */
export function socketsThatTire(silenceMs: number = SILENCE_MS): () => Socket {
  return () => {
    const socket = new Socket();
    socket.setTimeout(silenceMs, () => {
      socket.destroy(new Error(`Connection terminated: no answer for ${Math.round(silenceMs / 1000)} s`));
    });
    return socket;
  };
}
