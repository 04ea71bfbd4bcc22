import { LatchkeyError, type Store } from "latchkey";
import { expect, test } from "vitest";
import {
  bearer,
  billing,
  exchangeForm,
  type Held,
  makeStage,
  read,
  type Stage,
} from "../../support/oauth.ts";

type Name = Parameters<Stage["signUp"]>[0];

function isLive({ auth }: Stage, { userId }: Held): Promise<boolean> {
  return auth.api.listSessions({ userId }).then((sessions) => sessions.length > 0);
}

async function outcome(response: Response): Promise<unknown> {
  const text = await response.text();
  return [response.status, text === "" ? "" : JSON.parse(text).error];
}

const gone = [200, ""];

test.each([
  ["app", "session"],
  ["deny", "access"],
  ["allow", "access"],
  ["jwt", "refresh"],
  ["deny", "refresh"],
  ["allow", "refresh"],
] as const)("a public client of %s ends its session by its %s token", async (name, kind) => {
  const stage = await makeStage();
  const held = await stage.signUp(name);
  const response = await stage.form("/oauth2/revoke", { token: held[kind] ?? "", client_id: name });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.status).toBe(200);
  expect(await isLive(stage, held)).toBe(false);
  for (const token of [held.access, held.session, held.refresh]) {
    if (token !== undefined) expect(await stage.introspect(token)).toEqual({ active: false });
  }
  const again = await stage.form("/oauth2/revoke", { token: held[kind] ?? "", client_id: name });
  expect(await outcome(again), "once more is no error").toEqual(gone);
});

test.each(["web", "app", "jwt", "deny", "allow"] as const)(
  "a service ends any session whose token it holds (%s)",
  async (name) => {
    const stage = await makeStage();
    const held = await stage.signUp(name);
    const token = held.access ?? held.session ?? held.carried ?? "";
    expect((await stage.form("/oauth2/revoke", { token }, "orders")).status).toBe(200);
    expect(await isLive(stage, held)).toBe(false);
  },
);

test("where checks read no store, the answer says until when the access token lives on", async () => {
  const stage = await makeStage();
  const { access = "" } = await stage.signUp("jwt");
  const response = await stage.form("/oauth2/revoke", { token: access, client_id: "jwt" });
  expect(await read(response)).toEqual({ until: new Date(stage.now() + 900_000).toISOString() });
  expect(await stage.introspect(access)).toEqual({ active: false });
});

test("what nobody can take back: 400 unsupported_token_type, and it is as good as before", async () => {
  const stage = await makeStage();
  const { access: plain = "" } = await stage.signUp("plain");
  const { access = "", userId, sessionId } = await stage.signUp("deny");
  const exchanged = await read(await stage.json("/token", { audience: billing }, bearer(access)));
  const byService = await read(await stage.form("/oauth2/token", exchangeForm(access), "orders"));
  const service = await read(
    await stage.form("/oauth2/token", { grant_type: "client_credentials" }, "orders"),
  );
  for (const token of [plain, exchanged.accessToken, byService.access_token, service.access_token]) {
    const response = await stage.form("/oauth2/revoke", { token: String(token) }, "orders");
    expect(await outcome(response)).toEqual([400, "unsupported_token_type"]);
    expect(await stage.introspect(String(token))).toMatchObject({ active: true });
  }
  const own = await stage.form("/oauth2/revoke", { token: plain, client_id: "plain" });
  expect(await outcome(own)).toEqual([400, "unsupported_token_type"]);
  expect(await stage.auth.api.listSessions({ userId })).toMatchObject([{ id: sessionId }]);
});

test("an unknown, expired or foreign token: 200 and nothing in it", async () => {
  const stage = await makeStage();
  const other = await makeStage();
  const held = await stage.signUp("deny");
  const foreign = await other.signUp("deny");
  const expired = await stage.signUp("allow");
  stage.pass(900);
  const tokens = ["x", "lkr_x", "a.b.c", foreign.access, foreign.refresh, expired.access, held.device];
  for (const token of tokens) {
    const response = await stage.form("/oauth2/revoke", { token: token ?? "", client_id: "deny" });
    expect(await outcome(response), token).toEqual(gone);
  }
  expect(await isLive(stage, held)).toBe(true);
  expect(await isLive(stage, expired)).toBe(true);
});

test("a public client ends nobody else's session", async () => {
  const stage = await makeStage();
  const all: readonly Name[] = ["web", "web-jwt", "app", "jwt", "deny"];
  for (const name of all) {
    const { userId, access, session, refresh, cookie } = await stage.signUp(name);
    const values = cookie?.split("; ").map((pair) => pair.split("=")[1]) ?? [];
    for (const token of [access, session, refresh, ...values]) {
      if (token === undefined) continue;
      const response = await stage.form("/oauth2/revoke", { token, client_id: "allow" });
      expect(await outcome(response), name).toEqual(gone);
    }
    expect(await stage.auth.api.listSessions({ userId })).toHaveLength(1);
  }
});

test("a refresh token of any generation ends its session: whoever held one may sign out", async () => {
  const stage = await makeStage();
  const held = await stage.signUp("deny");
  const seen: string[] = [];
  stage.auth.on("*", ({ type }) => void seen.push(type));
  stage.pass(60);
  await stage.json("/refresh", { refreshToken: held.refresh });
  stage.pass(60);
  await stage.form("/oauth2/revoke", { token: held.refresh ?? "", client_id: "deny" });
  expect(await isLive(stage, held)).toBe(false);
  expect(seen).toEqual(["session_revoked"]);
});

test("the hint is only a hint", async () => {
  for (const token_type_hint of ["access_token", "refresh_token", "nonsense"]) {
    const stage = await makeStage();
    const held = await stage.signUp("deny");
    await stage.form("/oauth2/revoke", { token: held.refresh ?? "", client_id: "deny", token_type_hint });
    expect(await isLive(stage, held)).toBe(false);
  }
});

test.each([
  ["no token", { client_id: "deny" }, [400, "invalid_request"]],
  ["no client", { token: "x" }, [401, "invalid_client"]],
  ["an unknown client", { token: "x", client_id: "nobody" }, [401, "invalid_client"]],
  ["a client with cookies", { token: "x", client_id: "web" }, [400, "unauthorized_client"]],
])("refused: %s", async (_, fields, expected) => {
  const { form } = await makeStage();
  expect(await outcome(await form("/oauth2/revoke", fields))).toEqual(expected);
});

test("a store that does not answer: 503 with Retry-After, never 200, and the token must be taken to live on", async () => {
  let down = false;
  const fail = async (): Promise<never> => {
    throw new LatchkeyError("cannot_tell", "the store is away", { retryAfter: 2 });
  };
  const failing = (store: Store): Store => ({
    ...store,
    readSession: (...args) => (down ? fail() : store.readSession(...args)),
    endSession: (...args) => (down ? fail() : store.endSession(...args)),
  });
  const warnings: unknown[] = [];
  const logger = { info() {}, warn: (fields: object) => void warnings.push(fields), error() {} };
  const stage = await makeStage({ logger }, failing);
  const names = ["app", "jwt", "deny"] as const;
  const all = await Promise.all(names.map(async (name) => [name, await stage.signUp(name)] as const));
  down = true;
  for (const [name, { access, session, refresh }] of all) {
    for (const token of [access, session, refresh]) {
      if (token === undefined) continue;
      const response = await stage.form("/oauth2/revoke", { token, client_id: name });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("2");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect((await read(response)).error).toBe("temporarily_unavailable");
      const asked = await stage.form("/oauth2/introspect", { token }, "gateway");
      expect(asked.status, "nor is it called inactive").toBe(503);
    }
  }
  const issued = await stage.form("/oauth2/token", { grant_type: "client_credentials" }, "orders");
  expect(issued.status).toBe(503);
  expect(warnings.length).toBeGreaterThan(0);
  down = false;
  for (const [, held] of all) expect(await isLive(stage, held)).toBe(true);
});
