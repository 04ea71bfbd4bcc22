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
