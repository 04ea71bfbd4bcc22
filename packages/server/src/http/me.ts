import type { Context } from "hono";
import { type Auth, type Authenticated, problemResponse } from "latchkey";

/**
 * `GET /api/me` of the demo: a protected route as an application would write it. It shows all that a check knows
 * without any look-up. A refusal is answered here; that it cannot tell is thrown and answered where all faults are.
 */
export async function showMe(auth: Auth, c: Context): Promise<Response> {
  const result = await auth.authenticate(c.req.raw);
  if (!result.ok) return problemResponse(result);
  return Response.json(viewOf(result), { headers: { "cache-control": "no-store" } });
}

function viewOf({ user, session, client, strategy }: Authenticated): object {
  const { id, userId, createdAt, expiresAt, authTime, amr } = session;
  const times = {
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    authTime: new Date(authTime).toISOString(),
  };
  return {
    user: { id: user.id, roles: user.roles },
    session: { id, userId, client: session.client, ...times, amr },
    client,
    strategy,
  };
}
