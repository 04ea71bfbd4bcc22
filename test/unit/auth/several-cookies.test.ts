import type { SignedIn } from "latchkey";
import { describe, expect, test } from "vitest";
import { cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const clients = {
  web: { transport: "cookie", strategy: "session" },
  admin: { transport: "cookie", strategy: "session" },
  jwt: { transport: "cookie", strategy: "jwt" },
} as const;

describe("cookies of several clients in one request", () => {
  test("the first of the configured order that holds counts", async () => {
    const { auth } = makeStage({ clients });
    const web = credentialOf(await signUp(auth, email, "web"));
    const admin = credentialOf(await signIn(auth, email, "admin"));
    const jwt = credentialOf(await signIn(auth, email, "jwt"));
    const client = async (...cookies: string[]): Promise<string> => {
      const result = await auth.authenticate(cookieRequest(cookies.join("; ")));
      return result.ok ? result.client : result.code;
    };
    expect(await client(jwt, admin, web)).toBe("web");
    expect(await client(jwt, admin)).toBe("admin");
    expect(await client("__Host-latchkey-web=forged", jwt)).toBe("jwt");
    await auth.api.signOut(cookieRequest(web));
    expect(await client(web, admin)).toBe("admin");
    expect(await client(web, "__Host-latchkey-admin=forged")).toBe("session_ended");
    expect(await client("__Host-latchkey-web=forged", "__Host-latchkey-admin=forged")).toBe(
      "credential_invalid",
    );
    expect(await client(jwt, jwt, admin)).toBe("credential_invalid");
  });

  test("one client's value under another's name is none", async () => {
    const { auth } = makeStage({ clients });
    const web = credentialOf(await signUp(auth, email, "web"));
    const moved = web.replace("latchkey-web", "latchkey-admin");
    expect(await auth.authenticate(cookieRequest(moved))).toEqual({ ok: false, code: "credential_invalid" });
  });
});

describe.each(["session-live", "jwt-live"] as const)(
  "cookies of several clients that are remembered: %s",
  (strategy) => {
    const two = { web: { transport: "cookie", strategy }, admin: { transport: "cookie", strategy } } as const;
    const stage = async () => {
      const { auth } = makeStage({ clients: two });
      const web = credentialOf(await signUp(auth, email, "web"));
      const admin = credentialOf(await signIn(auth, email, "admin"));
      const other = credentialOf(await signUp(auth, "bob@example.com", "web"));
      const ask = async (...cookies: string[]): Promise<string> => {
        const result = await auth.authenticate(cookieRequest(cookies.join("; ")));
        return result.ok ? result.client : result.code;
      };
      const all = [web, admin, other].flatMap((one) => [one, `a=1; ${one}`, `${one}; b=${"b".repeat(2000)}`]);
      for (const one of [...all, ...all]) await ask(one);
      const { hits } = auth.stats().cache;
      await ask(web);
      expect(auth.stats().cache.hits, "it is remembered").toBe(hits + 1);
      return { web, admin, other, ask };
    };

    test("the first of the configured order counts, wherever it stands", async () => {
      const { web, admin, ask } = await stage();
      for (let i = 0; i < 3; i++) {
        expect(await ask(admin, web)).toBe("web");
        expect(await ask(web, admin)).toBe("web");
        expect(await ask("a=1", admin)).toBe("admin");
      }
    });

    test("one that comes twice is refused, planted before or behind, beside another or alone", async () => {
      const { web, admin, other, ask } = await stage();
      for (let i = 0; i < 3; i++) {
        for (const cookies of [
          [web, other],
          [other, web],
          [web, web],
          [web, admin, other],
          [admin, web, other],
        ])
          expect(await ask(...cookies)).toBe("credential_invalid");
        expect(await ask(web)).toBe("web");
      }
    });

    test("one client's value under another's name is none", async () => {
      const { web, admin, ask } = await stage();
      for (let i = 0; i < 3; i++) {
        expect(await ask(web.replace("latchkey-web", "latchkey-admin"))).toBe("credential_invalid");
        expect(await ask(admin.replace("latchkey-admin", "latchkey-web"))).toBe("credential_invalid");
        expect(await ask(admin)).toBe("admin");
      }
    });
  },
);

describe("refresh cookies of several clients in one request", () => {
  const two = {
    web: { transport: "cookie", strategy: "session" },
    first: { transport: "cookie", strategy: "jwt" },
    second: { transport: "cookie", strategy: "jwt" },
  } as const;

  /** Somebody with all three, later. */
  async function later(minutes: number) {
    const stage = makeStage({ clients: two });
    const { auth } = stage;
    const web = await signUp(auth, email, "web");
    const [first, second] = [await signIn(auth, email, "first"), await signIn(auth, email, "second")];
    stage.advance(minutes * 60_000);
    return { ...stage, web, first, second, request: cookieRequest([web, first, second].map(jar).join("; ")) };
  }

  const jar = ({ credentials }: SignedIn): string =>
    "setCookies" in credentials ? credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; ") : "";

  test("the first that holds counts: one that is over stands in nobody's way", async () => {
    const { auth, web, first, second, request } = await later(16);
    for (const { session } of [web, first]) await auth.api.revokeSession({ sessionId: session.id });
    expect(await auth.authenticate(request)).toEqual({ ok: false, code: "access_expired" });
    expect(await auth.api.refresh({}, { request })).toMatchObject({ session: { id: second.session.id } });
    const { result } = await auth.renew(request);
    expect(result).toMatchObject({ ok: true, client: "second", session: { id: second.session.id } });
  });

  test("if none holds, the first one's refusal is the answer", async () => {
    const { auth, web, request } = await later(16);
    await auth.api.revokeSessions({ userId: web.user.id });
    expect(await auth.api.refresh({}, { request })).toEqual({ ok: false, code: "session_ended" });
  });

  test("where both hold the first one's session goes on, and the other stays as it is", async () => {
    const { auth, first, second, request } = await later(16);
    expect(await auth.api.refresh({}, { request })).toMatchObject({ session: { id: first.session.id } });
    expect(await auth.api.listSessions({ userId: second.user.id })).toHaveLength(3);
  });
});
