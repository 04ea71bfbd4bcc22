import { statusOf } from "latchkey";
import { callFrom, signedIn } from "latchkey/express";
import { WebSocketServer } from "ws";
import { auth } from "./auth.js";

/** What is told to everybody who listens, by those whose roles say that they may read it. */
const news = { permission: "news:read" };

/** @typedef {import("latchkey").Authenticated} Authenticated */

/** @type {Set<{ send: (event: string, data: object) => void, may: () => boolean }>} */
const listeners = new Set();

/** @param {object} data */
export function tellAll(data) {
  for (const { send, may } of listeners) if (may()) send("news", data);
}

/**
 * Keeps a listener for as long as its session lasts, and what it may hear up to date with its roles.
 *
 * @param {Authenticated} result @param {(event: string, data: object) => void} send
 * @param {(code: string) => void} close called once when the session has ended, however it ended
 * @returns {() => void} to be called when the client has left
 */
function listen(result, send, close) {
  let current = result;
  const listener = { send, may: () => current.can(news.permission) };
  listeners.add(listener);
  const stop = auth.watch(result, {
    onChange(changed) {
      current = changed;
      send("roles", changed.user.roles);
    },
    onEnd({ code }) {
      listeners.delete(listener);
      close(code);
    },
    // It cannot be told any more whether the session holds. To close is on the safe side; the page comes back.
    onStale() {
      leave();
      close("stale");
    },
  });
  function leave() {
    listeners.delete(listener);
    stop();
  }
  send("roles", result.user.roles);
  return leave;
}

/** Server-sent events. @param {import("express").Request} request @param {import("express").Response} response */
export function events(request, response) {
  // Whoever left while they were looked up would never be heard to leave.
  if (response.closed) return;
  response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" }).flushHeaders();
  /** @param {string} event @param {object} data */
  const send = (event, data) => void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const leave = listen(signedIn(request), send, (code) => {
    if (code !== "stale") send("end", { code });
    response.end();
  });
  response.once("close", leave);
}

/** Codes of RFC 6455, section 7.4; those from 4000 on are the application's own. */
const closing = { goingAway: 1001, tryAgainLater: 1013, sessionEnded: 4401 };

/**
 * WebSockets at `/socket`.
 *
 * @param {import("node:http").Server} server
 * @returns {() => void} closes all, for a server that stops
 */
export function sockets(server) {
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 4096 });
  let isOpen = true;

  /** @param {import("node:http").IncomingMessage} request @param {import("node:stream").Duplex} socket @param {Buffer} head */
  async function upgrade(request, socket, head) {
    // No middleware sees an upgrade. The check looks at where it comes from, too: browsers let any page open a socket here.
    const result = request.url === "/socket" ? await auth.authenticate(callFrom(request).request) : notFound;
    if (!result.ok) {
      socket.end(`HTTP/1.1 ${statusOf(result.code)} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      /** @param {string} event @param {object} data */
      const send = (event, data) => webSocket.send(JSON.stringify({ event, data }));
      const leave = listen(result, send, (code) => {
        webSocket.close(code === "stale" ? closing.tryAgainLater : closing.sessionEnded, code);
      });
      webSocket.on("error", () => webSocket.terminate()).once("close", leave);
      if (!isOpen) webSocket.close(closing.goingAway);
    });
  }

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    upgrade(request, socket, head).catch(() => {
      socket.end("HTTP/1.1 503 Refused\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
    });
  });

  return () => {
    isOpen = false;
    for (const webSocket of webSockets.clients) webSocket.close(closing.goingAway);
    // Those that do not answer.
    setTimeout(() => webSockets.clients.forEach((webSocket) => void webSocket.terminate()), 1000).unref();
  };
}

const notFound = /** @type {const} */ ({ ok: false, code: "not_found" });
