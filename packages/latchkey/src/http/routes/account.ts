import { z } from "zod";
import { problemResponse } from "../../write/problem.ts";
import { type Route, signedInPost } from "../route.ts";
import { changePasswordBody, deleteUserBody, revoked, signedIn, updateUserBody, user } from "../schemas.ts";
import { showRevoked, showSignedIn, showUser } from "../view.ts";

/** One's own account. */
export const accountRoutes: readonly Route[] = [
  signedInPost({
    path: "/change-password",
    summary: "Set a new password, sign out every other device, renew this one's credential",
    body: changePasswordBody,
    answer: signedIn,
    async handle({ api, current, body, from }) {
      const result = await api.changePassword({ ...body, current }, from);
      return result.ok ? showSignedIn(result, 200) : problemResponse(result);
    },
  }),
  signedInPost({
    path: "/update-user",
    summary: "Change one's name",
    body: updateUserBody,
    answer: z.object({ user }),
    async handle({ api, current, body, from }) {
      const result = await api.updateUser({ userId: current.user.id, name: body.name }, from);
      return result.ok ? Response.json({ user: showUser(result.user) }) : problemResponse(result);
    },
  }),
  signedInPost({
    path: "/delete-user",
    confirms: true,
    summary: "Delete one's account and end everything at once",
    body: deleteUserBody,
    answer: revoked,
    async handle({ api, current, body, from }) {
      const result = await api.deleteUser({ userId: current.user.id, password: body.password }, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
];
