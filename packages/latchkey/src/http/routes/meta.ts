import { z } from "zod";
import { publicGet, type Route } from "../route.ts";
import { jwks } from "../schemas.ts";

const jwksSummary = "The public keys of access tokens";

/** How long others may keep the public keys, in seconds. */
const jwksMaxAge = 300;

async function answerJwks({ jwks: keys }: { readonly jwks: () => Promise<object> }): Promise<Response> {
  return Response.json(await keys(), { headers: { "cache-control": `public, max-age=${jwksMaxAge}` } });
}

/** Keys and health. */
export const metaRoutes: readonly Route[] = [
  publicGet("/jwks", jwksSummary, jwks, answerJwks),
  publicGet("/.well-known/jwks.json", jwksSummary, jwks, answerJwks),
  publicGet("/ok", "Whether the process answers", z.object({ ok: z.literal(true) }), async () =>
    Response.json({ ok: true }),
  ),
  publicGet(
    "/ready",
    "Whether the store answers too",
    z.object({ ready: z.literal(true) }),
    async ({ ready }) => {
      await ready();
      return Response.json({ ready: true });
    },
  ),
];
