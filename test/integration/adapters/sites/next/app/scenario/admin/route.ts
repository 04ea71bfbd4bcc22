import { withAuth } from "../../../lib/auth";

export const GET = withAuth({ role: "admin" }, (_request, { user }) => Response.json({ user: user.id }));
