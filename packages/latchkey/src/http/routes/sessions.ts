import { z } from "zod";
import { problemResponse } from "../../write/problem.ts";
import { publicGet, type Route, signedInGet, signedInPost } from "../route.ts";
import { currentSession, dataBody, device, emptyBody, idBody, revoked, session } from "../schemas.ts";
import { showDevice, showLoaded, showRevoked, showSession } from "../view.ts";
import { eventsRoute } from "./events.ts";

/** One's own sessions. */
export const sessionRoutes: readonly Route[] = [
  eventsRoute,
  publicGet(
    "/get-session",
    "The session and user of the request; null if there is none",
    currentSession,
    async ({ auth }, request) => {
      const result = await auth.api.getSession(request);
      if (result === null) return Response.json(null);
      if (!result.ok) return problemResponse(result);
      return Response.json(showLoaded(result));
    },
  ),
  signedInPost({
    path: "/update-session",
    summary: "Merge members into the session's data",
    body: dataBody,
    answer: z.object({ session }),
    async handle({ api, current, body }) {
      const result = await api.updateSession({ sessionId: current.session.id, data: body.data });
      return result.ok ? Response.json({ session: showSession(result.session) }) : problemResponse(result);
    },
  }),
  signedInGet({
    path: "/list-sessions",
    summary: "The devices one is signed in on",
    body: emptyBody,
    answer: z.array(device),
    async handle({ api, current }) {
      const sessions = await api.listSessions({ userId: current.user.id });
      return Response.json(sessions.map((one) => showDevice(one, current.session.id)));
    },
  }),
  signedInPost({
    path: "/revoke-session",
    confirms: true,
    summary: "Sign out one device",
    body: idBody,
    answer: revoked,
    async handle({ api, current, body, from }) {
      const input = { sessionId: body.id, userId: current.user.id, current };
      const result = await api.revokeSession(input, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
  signedInPost({
    path: "/revoke-other-sessions",
    confirms: true,
    summary: "Sign out every other device",
    body: emptyBody,
    answer: revoked,
    async handle({ api, current, from }) {
      const input = { userId: current.user.id, sessionId: current.session.id, current };
      const result = await api.revokeOtherSessions(input, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
  signedInPost({
    path: "/revoke-sessions",
    confirms: true,
    summary: "Sign out every device, this one too",
    body: emptyBody,
    answer: revoked,
    async handle({ api, current, from }) {
      return showRevoked(await api.revokeSessions({ userId: current.user.id }, from));
    },
  }),
];
