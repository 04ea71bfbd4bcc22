import { z } from "zod";
import { refuse } from "../../../errors.ts";
import { problemResponse } from "../../../write/problem.ts";
import { programPost, type Route } from "../../route.ts";

const count = z.number().int().min(0);

const changesBody = z.strictObject({
  after: z
    .string()
    .max(200)
    .nullable()
    .meta({ description: "`position` of the answer before; null: from the oldest." }),
  waitMs: count.max(60_000).meta({ description: "Milliseconds to wait for a change if there is none." }),
  nonce: z.string().min(1).max(64).meta({ description: "Comes back in the answer." }),
  lease: z
    .strictObject({
      id: z.string().min(1).max(64),
      counter: count.max(2 ** 40),
      node: z.string().min(1).max(100),
      duration: count.max(600_000).meta({ description: "Milliseconds; 0 gives it back." }),
      accepts: z.boolean(),
    })
    .nullable(),
});

const changesPage: z.ZodType = z.object({
  nonce: z.string(),
  changes: z.array(z.object({ at: z.number(), change: z.object({ kind: z.string() }).loose() })),
  position: z.string(),
  atHead: z.boolean(),
  reset: z.union([z.literal(false), z.enum(["moved", "trimmed", "lost"])]),
  now: z.number(),
  longestLife: z.number(),
  age: z.number(),
});

const bearer = /^bearer +([^\s,]+)$/i;

/** The change log, for services that check credentials by themselves. See docs/protocol-changes.md. */
export const changesRoute: Route = programPost({
  path: "/changes",
  summary: "The changes that verifiers must know, from a position on; waits for the next one",
  body: changesBody,
  answer: changesPage,
  async handle({ oauth }, request, body) {
    const [, token] = bearer.exec(request.headers.get("authorization") ?? "") ?? [];
    if (token === undefined) return problemResponse(refuse("credential_missing"));
    const served = await oauth.changes({ token, ...body });
    if (!served.ok) return problemResponse(served);
    const { ok: _, ...page } = served;
    return Response.json(page);
  },
});
