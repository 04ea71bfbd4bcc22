import express from "express";
import { expressAuth } from "latchkey/express";
import { auth, makeAdmin } from "./auth.js";
import { events, sockets, tellAll } from "./connections.js";

const { handler, requireAuth } = expressAuth(auth);
const app = express();

app.use(handler); // everything below /api/auth
app.get("/events", requireAuth(), events);
app.post("/news", requireAuth({ role: "admin" }), express.json(), (request, response) => {
  const { text = "" } = /** @type {Record<string, unknown>} */ (request.body ?? {});
  tellAll({ text: String(text) });
  response.status(204).end();
});
app.use(express.static(new URL("public", import.meta.url).pathname));

await auth.start();
await makeAdmin();
const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", (error) => {
  if (error !== undefined) throw error; // Express calls this, too, where the port is taken
  const address = server.address();
  if (typeof address === "object") console.log(`Listening on http://127.0.0.1:${address?.port}`);
});
const closeSockets = sockets(server);
process.once("SIGTERM", () => {
  server.close(() => auth.close());
  server.closeAllConnections();
  closeSockets(); // they are no connections of the server's any more, and it would wait for them
});
