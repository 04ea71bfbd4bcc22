import { withAuth } from "../../lib/auth";

export const GET = withAuth({ optional: true }, (_request, auth) =>
  Response.json({ user: auth?.user.id ?? null }),
);
