// Who signs people in. The only one with a database, and the only one with keys.
import { createServer } from "node:http";
import { hashServiceSecret, latchkey } from "latchkey";
import { nodeAuth } from "latchkey/node";
import { sqliteStore } from "latchkey/sqlite";

const { ADMIN_EMAIL, ADMIN_PASSWORD, DATABASE = "auth.db", LATCHKEY_SECRET, PORT = "4000" } = process.env;
const { ORDERS_SECRET = "", STOCK_SECRET = "" } = process.env;

/** Answers once the port is ours: its number is part of every token's issuer. @type {import("node:http").RequestListener} */
let answer = (_request, response) => response.writeHead(503, { "Retry-After": "1" }).end();
const server = createServer((request, response) => answer(request, response));
await new Promise((resolve) => server.listen(Number(PORT), "127.0.0.1", () => resolve(undefined)));
const address = server.address();
const baseURL = `http://127.0.0.1:${typeof address === "object" ? address?.port : PORT}`;

const auth = latchkey({
  secret: LATCHKEY_SECRET ?? "only for a first look, not for production",
  baseURL,
  store: sqliteStore(DATABASE),
  clients: { app: { transport: "bearer", strategy: "jwt-live" } },
  roles: { admin: ["*"], buyer: ["order:write"] },
  // In a configuration of your own the hashes stand here, and the secrets nowhere but with the services.
  services: {
    orders: { secretHash: await hashServiceSecret(ORDERS_SECRET), scopes: ["changes:read"] },
    stock: { secretHash: await hashServiceSecret(STOCK_SECRET), scopes: ["changes:read"] },
  },
});
await auth.start();
if (ADMIN_EMAIL && ADMIN_PASSWORD) {
  const admin = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD, roles: ["admin"] };
  const made = await auth.api.createUser(admin);
  if (!made.ok && made.code !== "email_taken") throw new Error(`no administrator was made: ${made.code}`);
}

const { handler } = nodeAuth(auth);
answer = (request, response) =>
  handler(request, response, (error) => {
    if (error !== undefined) console.error(error);
    response.writeHead(error === undefined ? 404 : 500).end();
  });
console.log(`auth listens on ${baseURL}`);
process.send?.({ url: baseURL });
process.once("SIGTERM", () => {
  // Verifiers keep a request open to hear of the next change.
  server.closeAllConnections();
  server.close(() => auth.close().then(() => process.connected && process.disconnect()));
});
