import { withAuth } from "../../lib/auth";

export const POST = withAuth({ permission: "note:write" }, async (request, { user }) => {
  const isJson = request.headers.get("content-type") === "application/json";
  const { text } = isJson ? await request.json() : { text: "" };
  return Response.json({ text, by: user.id }, { status: 201 });
});
