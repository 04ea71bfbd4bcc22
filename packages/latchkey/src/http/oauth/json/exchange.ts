import { problemResponse } from "../../../write/problem.ts";
import { readBody } from "../../body.ts";
import type { Route } from "../../route.ts";
import { exchangeBody, exchanged } from "../schemas.ts";

/**
 * `POST /token`. Not a route like the others: the exchange itself asks the store, so it is not asked before as well.
 * Only what `authenticate` accepts comes this far, and that is no token that was exchanged before.
 */
export const exchangeRoute: Route = {
  method: "post",
  path: "/token",
  summary: "Exchange one's session for a short-lived token for a third party",
  body: exchangeBody,
  answer: exchanged,
  status: 200,
  signedIn: true,
  async respond({ auth }, request, { remoteAddress }) {
    const current = await auth.authenticate(request);
    if (!current.ok) return problemResponse(current);
    const read = await readBody(request, exchangeBody);
    if (!read.ok) return problemResponse(read);
    const from = { request, remoteAddress, actor: current.user.id };
    const result = await auth.api.exchangeToken({ ...read.body, current }, from);
    if (!result.ok) return problemResponse(result);
    const { accessToken, tokenType, expiresIn } = result;
    return Response.json({ accessToken, tokenType, expiresIn });
  },
};
