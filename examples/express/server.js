import express from "express";
import { expressAuth, signedIn } from "latchkey/express";
import { auth, makeAdmin } from "./auth.js";
import { faults, routes } from "./routes.js";

const { handler, requireAuth, optionalAuth } = expressAuth(auth, { signIn: "/sign-in" });
const app = express();

app.disable("x-powered-by");
app.use((_request, response, next) => {
  // "same-origin" and not "no-referrer": a browser that sends no referrer sends forms without an origin, too.
  response.set({
    "Content-Security-Policy": "default-src 'none'; form-action 'self'",
    "Referrer-Policy": "same-origin",
  });
  next();
});
app.use(handler); // everything below /api/auth
app.use(express.json(), express.urlencoded({ extended: false }));

app.get("/public", optionalAuth(), (request, response) => {
  response.json({ user: request.auth?.user.id ?? null });
});
app.get("/me", requireAuth(), (request, response) => {
  const { user, session, client } = signedIn(request);
  response.json({ user, session, client });
});
app.get("/admin", requireAuth({ role: "admin" }), (request, response) => {
  response.json({ user: signedIn(request).user.id });
});
routes(app, { requireAuth, optionalAuth });
app.use(faults);

await auth.start();
await makeAdmin();
const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", (error) => {
  if (error !== undefined) throw error; // Express calls this, too, where the port is taken
  const address = server.address();
  if (typeof address === "object") console.log(`Listening on http://127.0.0.1:${address?.port}`);
});
process.once("SIGTERM", () => server.close(() => auth.close()).closeIdleConnections());
