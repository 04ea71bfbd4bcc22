import { withAuth } from "../../lib/auth";

export const GET = withAuth({}, async (request) => {
  if (request.url.endsWith("later")) await new Promise((resolve) => setTimeout(resolve, 5));
  throw new Error("broken by the application");
});
