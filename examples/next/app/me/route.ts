import { withAuth } from "../../lib/auth";

/** For programs: answers with 401, 403 and 503 instead of sending them to a page. */
export const GET = withAuth({}, (_request, { user, session, client }) =>
  Response.json({ user, session: { id: session.id }, client }),
);
