// @ts-check
// The server that remote verifiers follow: on a free port, until it is told to stop.
import { once } from "node:events";
import { createServer } from "node:http";
import { hashServiceSecret, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { nodeAuth } from "latchkey/node";

/** @param {string} clientSecret of the service `orders` */
export async function startOrigin(clientSecret) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const baseURL = `http://127.0.0.1:${address.port}`;
  const auth = latchkey({
    secret: "a secret of the suite, of more than 32 characters",
    ...{ baseURL, store: memoryStore(), rateLimit: false },
    clients: { mobile: { transport: "bearer", strategy: "jwt-live" } },
    services: {
      orders: { secretHash: await hashServiceSecret(clientSecret), scopes: ["changes:read"] },
    },
  });
  const { handler } = nodeAuth(auth);
  server.on("request", (request, response) => {
    handler(request, response, () => response.writeHead(404).end());
  });
  return {
    auth,
    issuer: `${baseURL}/api/auth`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await auth.close();
    },
  };
}
