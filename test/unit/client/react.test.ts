import { createAuthClient, type SessionInfo } from "latchkey/client";
import {
  AuthProvider,
  type InitialSession,
  RequirePermission,
  SignedIn,
  SignedOut,
  useAuth,
  useSession,
} from "latchkey/react";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { cookieRequest } from "../../support/requests.ts";
import { makeStage, signUp } from "../../support/stage.ts";

const time = "2030-01-01T00:00:00.000Z";

function infoOf(name: string, permissions: readonly string[] = []): SessionInfo {
  return {
    user: { id: name, email: null, name, roles: [], status: "active", createdAt: time },
    session: {
      ...{ id: `session of ${name}`, userId: name, client: "web", createdAt: time, lastSeenAt: time },
      ...{ expiresAt: time, authTime: time, amr: ["pwd"], ip: null, userAgent: null, data: { startedAt: 5 } },
    },
    permissions,
  };
}

function Who(): ReactNode {
  const { status, user, session } = useSession();
  return `${status} ${user?.name ?? user?.email} ${session?.createdAt}`;
}

const client = createAuthClient({ baseURL: "https://app.example" });

function draw(initialSession: InitialSession, ...children: readonly ReactNode[]): string {
  return renderToString(createElement(AuthProvider, { client, initialSession }, ...children));
}

const gates = [
  createElement(SignedIn, { key: 1 }, "in "),
  createElement(SignedOut, { key: 2 }, "out "),
  createElement(RequirePermission, { key: 3, permission: "post:write", fallback: "may not" }, "may"),
];

test.each<[string, InitialSession, string]>([
  ["somebody", infoOf("Ada"), "in may not"],
  ["somebody who may", infoOf("Ada", ["post:*"]), "in may"],
  ["nobody", null, "out may not"],
  ["not known", undefined, "may not"],
  ["a refusal", { ok: false, code: "access_expired" }, "may not"],
])("the server draws what it was told: %s", (_, initial, expected) => {
  expect(draw(initial, ...gates).replaceAll("<!-- -->", "")).toBe(expected);
});

test("what auth.api.getSession gives can be handed over as it is", async () => {
  const { auth } = makeStage();
  const signedIn = await signUp(auth, "ada@example.com");
  const { credentials, session } = signedIn;
  if (credentials.transport !== "cookie") throw new Error("no cookie");
  const request = cookieRequest(credentials.setCookies[0]?.split(";")[0] ?? "");
  const loaded = await auth.api.getSession(request);
  expect(draw(loaded, createElement(Who))).toBe(
    `authenticated ada@example.com ${new Date(session.createdAt).toISOString()}`,
  );
});

test("two pages drawn by one process, with one client, know nothing of each other", () => {
  expect(draw(infoOf("Ada"), createElement(Who))).toContain("Ada");
  expect(draw(infoOf("Ben"), createElement(Who))).toContain("Ben");
  expect(draw(undefined, createElement(Who))).toBe("loading undefined undefined");
  expect(client.getSnapshot().status).toBe("loading");
});

test("the verbs are those of the client; without a provider there is a word about it", () => {
  let given: unknown;
  function Taker(): ReactNode {
    given = useAuth();
    return null;
  }
  draw(undefined, createElement(Taker));
  expect(given).toBe(client);
  expect(() => renderToString(createElement(Taker))).toThrow(/AuthProvider/);
});
