import type { Context } from "hono";
import { type Auth, type Authenticated, LatchkeyError, problemResponse } from "latchkey";

/**
 * `GET /api/me` of the demo: a protected route as an application would write it. It shows all that a check knows
 * without any look-up; a refusal and "cannot tell" become problems with their own status.
 */
export async function showMe(auth: Auth, c: Context): Promise<Response> {
  try {
    const result = await auth.authenticate(c.req.raw);
    if (!result.ok) return problemResponse(result);
    return Response.json(viewOf(result), { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (error instanceof LatchkeyError) return problemResponse(error);
    throw error;
  }
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
