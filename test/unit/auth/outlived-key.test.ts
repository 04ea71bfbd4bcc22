import type { LatchkeyOptions, SignedIn } from "latchkey";
import { describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, type Stage, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const hour = 3_600_000;
const jwts = ["jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const;
const expired = { ok: false, code: "access_expired" };
const invalid = { ok: false, code: "credential_invalid" };

function stageOf(strategy: (typeof jwts)[number], options: Partial<LatchkeyOptions> = {}): Stage {
  const clients = {
    web: { transport: "cookie", strategy },
    app: { transport: "bearer", strategy },
  } as const;
  return makeStage({ clients, revocation: { maxStaleness: 60 }, ...options });
}

function cookiesOf({ credentials }: SignedIn): string {
  if (credentials.transport !== "cookie") throw new Error("not by cookie");
  return credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; ");
}

/** With the first character of the signature another one. */
function forged(token: string): string {
  const at = token.lastIndexOf(".") + 1;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}

describe.each(jwts)("who comes back after the keys were rotated, %s", (strategy) => {
  test.each([
    ["hours", hour],
    ["days", 20 * 24 * hour],
  ])("%s later is told that the token has expired, and refreshes", async (_, later) => {
    const { auth, advance } = stageOf(strategy);
    const app = await signUp(auth, email, "app");
    const web = await signIn(auth, email, "web");
    await auth.api.rotateKeys();
    advance(later);
    await signIn(auth, email, "app"); // reads the keys again, and sweeps
    expect(await auth.authenticate(bearerRequest(credentialOf(app)))).toEqual(expired);
    expect(await auth.api.getSession(bearerRequest(credentialOf(app)))).toEqual(expired);
    const { result } = await auth.renew(cookieRequest(cookiesOf(web)));
    expect(result).toMatchObject({ ok: true, session: { id: web.session.id } });
  });

  test("and signs out with nothing but the old token: nobody proves whose it was, so it ends nothing", async () => {
    const { auth, advance } = stageOf(strategy);
    const app = await signUp(auth, email, "app");
    await auth.api.rotateKeys();
    advance(hour);
    await auth.authenticate(bearerRequest(credentialOf(app)));
    expect(await auth.api.signOut(bearerRequest(credentialOf(app)))).toMatchObject({ ok: true });
    expect(await auth.api.listSessions({ userId: app.user.id })).toHaveLength(1);
  });
});

test("a token that has not expired, by a key that is compromised, stays invalid", async () => {
  const { auth } = stageOf("jwt-denylist");
  const app = await signUp(auth, email, "app");
  await auth.api.rotateKeys({ compromised: true });
  expect(await auth.authenticate(bearerRequest(credentialOf(app)))).toEqual(invalid);
});

test("a forged one by a key that is in use stays invalid, however old it says to be", async () => {
  const { auth, advance } = stageOf("jwt");
  const app = await signUp(auth, email, "app");
  advance(hour);
  expect(await auth.authenticate(bearerRequest(credentialOf(app)))).toEqual(expired);
  expect(await auth.authenticate(bearerRequest(forged(credentialOf(app))))).toEqual(invalid);
});

test("one by a key with a name that we never gave stays invalid", async () => {
  const [stage, other] = [stageOf("jwt"), stageOf("jwt")];
  const app = await signUp(other.auth, email, "app");
  await stage.auth.start();
  stage.advance(hour);
  expect(await stage.auth.authenticate(bearerRequest(credentialOf(app)))).toEqual(invalid);
});
