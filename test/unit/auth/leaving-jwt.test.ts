import { type LatchkeyOptions, latchkey, type SignedIn } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { cookieRequest } from "../../support/requests.ts";
import { baseURL, secret, signUp } from "../../support/stage.ts";

type Clients = NonNullable<LatchkeyOptions["clients"]>;

const before: Clients = { web: { transport: "cookie", strategy: "jwt" } };

/** Somebody signed in while the client had tokens to refresh; then its setting was changed, and time passed. */
async function changedTo(clients: Clients) {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const store = memoryStore({ clock });
  const common = { secret, baseURL, clock, store, passwords: { hasher: plainHasher() } };
  const signedIn = await signUp(latchkey({ ...common, clients: before }), "ada@example.com");
  time += 16 * 60_000;
  return { auth: latchkey({ ...common, clients }), signedIn, request: cookieRequest(cookiesOf(signedIn)) };
}

function cookiesOf({ credentials }: SignedIn): string {
  if (credentials.transport !== "cookie") throw new Error("not by cookie");
  return credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; ");
}

describe.each<[string, Clients]>([
  [
    "to a session, with the tokens still accepted",
    { web: { transport: "cookie", strategy: "session", accept: ["jwt"] } },
  ],
  ["to no refresh tokens", { web: { transport: "cookie", strategy: "jwt", refresh: false } }],
])("a cookie client that was changed %s", (_, clients) => {
  test("signs nobody out: the refresh cookie that people hold is good", async () => {
    const { auth, signedIn, request } = await changedTo(clients);
    expect(await auth.api.refresh({}, { request })).toMatchObject({ ok: true });
    const { result } = await auth.renew(request);
    expect(result).toMatchObject({ ok: true, session: { id: signedIn.session.id } });
  });

  test("takes that cookie away with the other when they sign out", async () => {
    const { auth, signedIn, request } = await changedTo(clients);
    const out = await auth.api.signOut(request);
    expect(out.ok && out.setCookies.map((one) => one.split("=", 1)[0])).toEqual([
      "__Host-latchkey-web",
      "__Host-latchkey-web-refresh",
    ]);
    expect(await auth.api.listSessions({ userId: signedIn.user.id })).toEqual([]);
  });
});

test("a cookie client that was changed to a session, and takes nothing else, reads no refresh cookie", async () => {
  const { auth, request } = await changedTo({ web: { transport: "cookie", strategy: "session" } });
  expect(await auth.api.refresh({}, { request })).toEqual({ ok: false, code: "credential_missing" });
});
