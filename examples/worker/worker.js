import { createVerifier, LatchkeyError, problemResponse } from "latchkey/verifier";

/** @type {ReturnType<typeof createVerifier> | undefined} */
let verifier;

/**
 * One for an isolate: what it has learnt serves every request after.
 *
 * @param {{ ISSUER: string, CLIENT_ID: string, CLIENT_SECRET: string }} env
 */
function verifierOf({ ISSUER, CLIENT_ID, CLIENT_SECRET }) {
  verifier ??= createVerifier({
    issuer: ISSUER,
    credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
    roles: { admin: ["*"], editor: ["note:write"] },
    logger: console, // a check that cannot tell answers 503, and here it says why
  });
  return verifier;
}

export default {
  /**
   * @param {Request} request
   * @param {{ ISSUER: string, CLIENT_ID: string, CLIENT_SECRET: string }} env
   * @param {{ waitUntil(work: Promise<unknown>): void }} context
   */
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    try {
      // Between two requests nothing runs here: what is new is read after an answer, and waitUntil lets that happen.
      const waitUntil = (/** @type {Promise<unknown>} */ work) => context.waitUntil(work);
      const result = await verifierOf(env).authenticate(request, { waitUntil });
      // For everybody; but whoever sends a token that holds no more wants to know.
      if (pathname === "/public" && (result.ok || result.code === "credential_missing"))
        return Response.json({ user: result.ok ? result.user.id : null });
      if (!result.ok) return problemResponse(result);
      const { user, session, client, can } = result;
      if (pathname === "/me") return Response.json({ user, session, client });
      if (pathname === "/notes" && request.method === "POST") {
        if (!can("note:write")) return problemResponse({ ok: false, code: "forbidden" });
        const { text } = /** @type {{ text?: unknown }} */ (await request.json().catch(() => ({})));
        return Response.json({ text, by: user.id }, { status: 201 });
      }
      if (pathname === "/admin") {
        if (!user.roles.includes("admin")) return problemResponse({ ok: false, code: "forbidden" });
        return Response.json({ user: user.id });
      }
      return problemResponse({ ok: false, code: "not_found" });
    } catch (error) {
      // It cannot be told who this is: 503, with Retry-After.
      if (error instanceof LatchkeyError) return problemResponse(error);
      throw error;
    }
  },
};
