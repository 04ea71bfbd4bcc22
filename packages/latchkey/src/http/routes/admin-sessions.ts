import { z } from "zod";
import type { AuditRecord } from "../../types.ts";
import { problemResponse } from "../../write/problem.ts";
import { adminGet, adminPost, type Route } from "../route.ts";
import { receipt, verifiers } from "../schemas/receipts.ts";
import {
  device,
  emptyBody,
  eventPage,
  eventsQuery,
  revoked,
  rotated,
  rotateKeysBody,
  userIdBody,
  userIdQuery,
  userSessionBody,
} from "../schemas.ts";
import { iso, showDevice, showReceipt, showRevoked } from "../view.ts";

function showEvent({ at, ...event }: AuditRecord): object {
  return { ...event, at: iso(at) };
}

/** Other people's sessions, keys and the audit log, for administrators. */
export const adminSessionRoutes: readonly Route[] = [
  adminGet({
    path: "/admin/list-user-sessions",
    summary: "The devices a user is signed in on",
    body: userIdQuery,
    answer: z.array(device),
    async handle({ api, body, current }) {
      const sessions = await api.listSessions(body);
      return Response.json(sessions.map((one) => showDevice(one, current.session.id)));
    },
  }),
  adminPost({
    path: "/admin/revoke-user-session",
    confirms: true,
    summary: "Sign out one device of a user",
    body: userSessionBody,
    answer: revoked,
    async handle({ api, body, from }) {
      const result = await api.revokeSession({ userId: body.userId, sessionId: body.id }, from);
      return result.ok ? showRevoked(result) : problemResponse(result);
    },
  }),
  adminPost({
    path: "/admin/revoke-user-sessions",
    confirms: true,
    summary: "Sign out every device of a user",
    body: userIdBody,
    answer: revoked,
    handle: async ({ api, body, from }) => showRevoked(await api.revokeSessions(body, from)),
  }),
  adminPost({
    path: "/admin/revoke-everything",
    confirms: true,
    summary: "End every session of everybody, one's own too",
    body: emptyBody,
    answer: z.object({ success: z.literal(true), receipt: receipt.optional() }),
    async handle({ api, from }) {
      const result = await api.revokeEverything(from);
      return Response.json({ success: true, ...showReceipt(result.receipt) });
    },
  }),
  adminPost({
    path: "/admin/rotate-keys",
    confirms: true,
    summary: "Make a new key for access tokens; compromised: refuse at once what the ones before signed",
    body: rotateKeysBody,
    answer: rotated,
    async handle({ api, body, from }) {
      const { kid, activatesAt, receipt: got } = await api.rotateKeys(body, from);
      return Response.json({ kid, activatesAt: iso(activatesAt), ...showReceipt(got) });
    },
  }),
  adminGet({
    path: "/admin/verifiers",
    summary: "The processes that check credentials by what they know, and how far each has come",
    body: emptyBody,
    answer: verifiers,
    handle: async ({ api }) => Response.json({ verifiers: await api.listVerifiers() }),
  }),
  adminGet({
    path: "/admin/list-events",
    summary: "The audit log, newest first, a page at a time",
    body: eventsQuery,
    answer: eventPage,
    async handle({ api, body }) {
      const limit = body?.limit ?? 50;
      const events = await api.listEvents({ ...body, limit });
      const next = events.length < limit ? null : (events.at(-1)?.id ?? null);
      return Response.json({ events: events.map(showEvent), next });
    },
  }),
];
