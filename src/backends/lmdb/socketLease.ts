import { connect, createServer, type Server, type Socket } from "node:net";
import {
  decodeHolder,
  encodeHolder,
  type HeldLease,
  type LeaseAttempt,
  type LeaseHolder,
} from "./LeaseHolder.ts";

/** How long a holder has to say who it is; one that does not answer holds all the same. */
const ANSWER_TIMEOUT_MS = 1_000;
const MAX_ANSWER_CHARACTERS = 4_096;
/** How often a holder may be gone by the time it is asked before the lease counts as held. */
const MAX_TRIES = 3;

/** Takes a lease by listening on an abstract socket: one process can, and only while it lives. */
export async function holdSocket(name: string): Promise<LeaseAttempt> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const held = await listen(name);
    if (held !== undefined) return { held };
    const holder = await socketHolder(name);
    if (holder !== undefined) return { holder };
  }
  return { holder: {} };
}

/** Who listens on the socket, or undefined where nobody does. */
export function socketHolder(name: string): Promise<LeaseHolder | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: name });
    let answer = "";
    const settle = (holder: LeaseHolder | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    const timer = setTimeout(() => settle({}), ANSWER_TIMEOUT_MS);
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER_CHARACTERS) settle({});
    });
    socket.on("end", () => settle(decodeHolder(answer)));
    // Only this says that nobody listens; whatever else goes wrong, somebody may.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      settle(error.code === "ECONNREFUSED" ? undefined : {});
    });
  });
}

/** Listens, or gives undefined where somebody else does. */
function listen(name: string): Promise<HeldLease | undefined> {
  return new Promise((resolve, reject) => {
    const holder = { pid: process.pid, sinceMs: Date.now(), halted: false };
    const asking = new Set<Socket>();
    const server = createServer((socket) => {
      asking.add(socket);
      socket.unref();
      socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
      // Whoever asked is gone before it heard the answer, which is nobody's loss.
      socket.on("error", () => {});
      socket.on("close", () => asking.delete(socket));
      socket.end(encodeHolder(holder));
    });
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    // In a cluster's worker a server that is not exclusive would be shared with its siblings.
    server.listen({ path: name, exclusive: true }, () => {
      server.removeAllListeners("error");
      // An asker that cannot be accepted goes unanswered; the lease is held by listening alone.
      server.on("error", () => {});
      resolve({
        markHalted: () => {
          holder.halted = true;
        },
        release: () => stopListening(server, asking),
      });
    });
  });
}

function stopListening(server: Server, asking: ReadonlySet<Socket>): Promise<void> {
  for (const socket of asking) socket.destroy();
  return new Promise((resolve) => {
    // Its one error says that it does not listen any more.
    server.close(() => resolve());
  });
}
