import { z } from "zod";
import { refuse } from "../../errors.ts";
import type { PublicUser, Receipt } from "../../types.ts";
import { problemResponse } from "../../write/problem.ts";
import { adminGet, adminPost, type Route } from "../route.ts";
import { receipt } from "../schemas/receipts.ts";
import {
  banBody,
  createUserBody,
  revoked,
  roleBody,
  user,
  userIdBody,
  userIdQuery,
  userPage,
  usersQuery,
} from "../schemas.ts";
import { showReceipt, showRevoked, showUser } from "../view.ts";

const oneUser = z.object({ user, receipt: receipt.optional() });

function answerUser(
  result: { readonly ok: true; readonly user: PublicUser; readonly receipt?: Receipt },
  status: 200 | 201 = 200,
): Response {
  return Response.json({ user: showUser(result.user), ...showReceipt(result.receipt) }, { status });
}

/** Other people's accounts, for administrators. */
export const adminRoutes: readonly Route[] = [
  adminGet({
    path: "/admin/list-users",
    summary: "Users, newest first, a page at a time",
    body: usersQuery,
    answer: userPage,
    async handle({ api, body }) {
      const limit = body?.limit ?? 50;
      const users = await api.listUsers({ ...body, limit });
      const next = users.length < limit ? null : (users.at(-1)?.id ?? null);
      return Response.json({ users: users.map(showUser), next });
    },
  }),
  adminGet({
    path: "/admin/get-user",
    summary: "One user, by id",
    body: userIdQuery,
    answer: oneUser,
    async handle({ api, body }) {
      const found = await api.getUser(body);
      return found === undefined
        ? problemResponse(refuse("user_not_found"))
        : answerUser({ ok: true, user: found });
    },
  }),
  adminPost({
    path: "/admin/create-user",
    summary: "Make a user",
    body: createUserBody,
    answer: oneUser,
    status: 201,
    async handle({ api, body, from }) {
      const result = await api.createUser(body, from);
      return result.ok ? answerUser(result, 201) : problemResponse(result);
    },
  }),
  adminPost({
    path: "/admin/ban-user",
    confirms: true,
    summary: "Ban a user, for a while or without end, and end every session of theirs",
    body: banBody,
    answer: revoked,
    async handle({ api, body, from }) {
      const result = await api.banUser(body, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
  adminPost({
    path: "/admin/unban-user",
    summary: "Lift a ban; nothing that ended comes back",
    body: userIdBody,
    answer: oneUser,
    async handle({ api, body, from }) {
      const result = await api.unbanUser(body, from);
      return result.ok ? answerUser(result) : problemResponse(result);
    },
  }),
  adminPost({
    path: "/admin/remove-user",
    confirms: true,
    summary: "Delete a user and end everything of theirs",
    body: userIdBody,
    answer: revoked,
    async handle({ api, body, from }) {
      const result = await api.removeUser(body, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
  adminPost({
    path: "/admin/set-role",
    confirms: true,
    summary: "Set the roles of a user",
    body: roleBody,
    answer: oneUser,
    async handle({ api, body, from }) {
      const result = await api.setRole(body, from);
      return result.ok ? answerUser(result) : problemResponse(result);
    },
  }),
];
