/**
 * Both ends of a try to come in. `server` listens on a port that no ruleset names and answers; `client` tries it
 * over TCP and UDP for each line it is given, and says what happened: `open open`, `shut shut`.
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

const PORT = 40_123;
const PATIENCE_MS = 300;
const [role, address = ""] = process.argv.slice(2);

if (role === "server") {
  createServer((socket) => socket.end()).listen(PORT, "::");
  const echo = createSocket("udp6");
  echo.on("message", (_, from) => echo.send("here", from.port, from.address));
  echo.bind(PORT, "::");
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const [tcp, udp] = await Promise.all([tryTcp(), tryUdp()]);
    console.log(`${line} ${tcp} ${udp}`);
  }
}

function tryTcp(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: PORT });
    const done = (word: string): void => {
      socket.destroy();
      resolve(word);
    };
    socket.on("connect", () => done("open"));
    socket.on("error", () => done("shut"));
    setTimeout(() => done("shut"), PATIENCE_MS);
  });
}

function tryUdp(): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket("udp6");
    let isOver = false;
    const done = (word: string): void => {
      if (isOver) return;
      isOver = true;
      socket.close();
      resolve(word);
    };
    socket.on("message", () => done("open"));
    socket.on("error", () => done("shut"));
    socket.send("hello", PORT, address);
    setTimeout(() => done("shut"), PATIENCE_MS);
  });
}
