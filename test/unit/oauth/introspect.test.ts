import { expect, test } from "vitest";
import {
  bearer,
  billing,
  claimsOf,
  exchangeForm,
  issuer,
  makeStage,
  origin,
  read,
} from "../../support/oauth.ts";

const inactive = { active: false };

test.each(["jwt", "plain", "deny", "allow"] as const)("an access token of %s", async (name) => {
  const { signUp, introspect } = await makeStage();
  const { access = "", userId, sessionId } = await signUp(name);
  const { exp, iat, jti } = claimsOf(access);
  expect(await introspect(access)).toEqual({
    active: true,
    client_id: name,
    username: `${name}@example.com`,
    token_type: "Bearer",
    exp,
    iat,
    sub: userId,
    aud: origin,
    iss: issuer,
    jti,
    sid: sessionId,
  });
});

test("a session token, of a bearer client or a cookie", async () => {
  for (const name of ["app", "web"] as const) {
    const stage = await makeStage();
    const { session, carried, userId, sessionId } = await stage.signUp(name);
    const iat = Math.floor(stage.now() / 1000);
    expect(await stage.introspect(session ?? carried ?? "")).toEqual({
      active: true,
      client_id: name,
      username: `${name}@example.com`,
      token_type: "Bearer",
      exp: iat + 30 * 86_400,
      iat,
      sub: userId,
      aud: origin,
      iss: issuer,
      sid: sessionId,
    });
  }
});

test("a refresh token says by type and audience that it opens no door but ours", async () => {
  const stage = await makeStage();
  const { refresh = "", userId, sessionId } = await stage.signUp("deny");
  const iat = Math.floor(stage.now() / 1000);
  expect(await stage.introspect(refresh)).toEqual({
    active: true,
    client_id: "deny",
    username: "deny@example.com",
    token_type: "refresh_token",
    exp: iat + 30 * 86_400,
    iat,
    sub: userId,
    aud: issuer,
    iss: issuer,
    sid: sessionId,
  });
});

test("exchanged tokens and service tokens, with their scope", async () => {
  const { signUp, json, form, introspect } = await makeStage();
  const { access = "", userId, sessionId } = await signUp("deny");
  const byUser = await read(
    await json("/token", { audience: billing, scope: "invoices:read" }, bearer(access)),
  );
  const byService = await read(await form("/oauth2/token", exchangeForm(access), "orders"));
  const ofService = await read(await form("/oauth2/token", { grant_type: "client_credentials" }, "orders"));
  const about = { active: true, token_type: "Bearer", iss: issuer };
  expect(await introspect(String(byUser.accessToken))).toMatchObject({
    ...about,
    ...{ client_id: "deny", username: "deny@example.com", sub: userId, aud: billing, sid: sessionId },
    scope: "invoices:read",
  });
  expect(await introspect(String(byService.access_token))).toMatchObject({
    ...about,
    ...{ client_id: "orders", username: "deny@example.com", sub: userId, aud: billing, sid: sessionId },
  });
  const service = await introspect(String(ofService.access_token));
  expect(service).toMatchObject({ ...about, client_id: "orders", sub: "orders", aud: origin });
  expect(service).not.toHaveProperty("sid");
  expect(service).not.toHaveProperty("username");
});

test("what does not hold is inactive, and nothing more is said", async () => {
  const stage = await makeStage();
  const other = await makeStage();
  const held = await stage.signUp("deny");
  const foreign = await other.signUp("deny");
  const { access = "", refresh = "" } = held;
  const [header, payload, signature] = access.split(".");
  const changed = Buffer.from(JSON.stringify({ ...claimsOf(access), sub: "me" })).toString("base64url");
  const worthless = [
    "x",
    "..",
    "lks_",
    "lkr_",
    `${access}A`,
    ` ${access}`,
    `${header}.${changed}.${signature}`,
    `${header}.${payload}.`,
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`,
    refresh.replace("lkr_", "lks_"),
    // Of two last characters at least one is another one.
    ...["A", "Q"].map((last) => refresh.slice(0, -1) + last).filter((it) => it !== refresh),
    refresh.replace(".0.", ".00."),
    held.device ?? "",
    foreign.access ?? "",
    foreign.refresh ?? "",
  ];
  for (const token of worthless) expect(await stage.introspect(token), token).toEqual(inactive);
  expect(await stage.introspect(access)).toMatchObject({ active: true });
});

test.each(["jwt", "plain", "deny", "allow", "app"] as const)(
  "revoked is inactive at once (%s)",
  async (name) => {
    const ways = ["revokeSessions", "banUser", "removeUser", "revokeEverything"] as const;
    for (const way of ways) {
      const { auth, signUp, introspect } = await makeStage();
      const { access, session, refresh, userId } = await signUp(name);
      const tokens = [access ?? session ?? "", ...(refresh === undefined ? [] : [refresh])];
      for (const token of tokens) expect(await introspect(token)).toMatchObject({ active: true });
      await (way === "revokeEverything" ? auth.api.revokeEverything() : auth.api[way]({ userId }));
      for (const token of tokens) expect(await introspect(token), way).toEqual(inactive);
    }
  },
);

test("expired is inactive", async () => {
  const stage = await makeStage();
  const { access = "", refresh = "" } = await stage.signUp("deny");
  const { accessToken } = await read(await stage.json("/token", { audience: billing }, bearer(access)));
  stage.pass(299);
  expect(await stage.introspect(String(accessToken))).toMatchObject({ active: true });
  stage.pass(1);
  expect(await stage.introspect(String(accessToken))).toEqual(inactive);
  expect(await stage.introspect(access)).toMatchObject({ active: true });
  stage.pass(600);
  expect(await stage.introspect(access)).toEqual(inactive);
  expect(await stage.introspect(refresh)).toMatchObject({ active: true });
  // Each of those checks was a use of the session.
  stage.pass(30 * 86_400);
  expect(await stage.introspect(refresh)).toEqual(inactive);
});

test("of the refresh tokens, those that would be answered: the newest, and its parent within the window", async () => {
  const stage = await makeStage();
  const { refresh = "" } = await stage.signUp("deny");
  stage.pass(60);
  const { refreshToken } = await read(await stage.json("/refresh", { refreshToken: refresh }));
  expect(await stage.introspect(String(refreshToken))).toMatchObject({ active: true });
  expect(await stage.introspect(refresh)).toMatchObject({ active: true });
  stage.pass(10);
  expect(await stage.introspect(refresh), "asking about it is no theft").toEqual(inactive);
  expect(await stage.introspect(String(refreshToken))).toMatchObject({ active: true });
});

test("who may ask", async () => {
  const { signUp, form, send } = await makeStage();
  const { access = "" } = await signUp("deny");
  const refused = await form("/oauth2/introspect", { token: access }, "orders");
  expect([refused.status, (await read(refused)).error]).toEqual([400, "unauthorized_client"]);
  const client = await form("/oauth2/introspect", { token: access, client_id: "deny" });
  expect([client.status, (await read(client)).error]).toEqual([401, "invalid_client"]);
  const withToken = await send("/api/auth/oauth2/introspect", {
    method: "POST",
    body: new URLSearchParams({ token: access }),
    headers: bearer(access),
  });
  expect(withToken.status).toBe(401);
});

test("a service that was taken out of the configuration has no tokens any more", async () => {
  const first = await makeStage();
  const { access = "" } = await first.signUp("deny");
  const service = await read(
    await first.form("/oauth2/token", { grant_type: "client_credentials" }, "orders"),
  );
  const exchanged = await read(await first.form("/oauth2/token", exchangeForm(access), "orders"));
  const { makeOptions } = await import("../../support/oauth.ts");
  const { services = {} } = await makeOptions(first.store);
  const { orders: _, ...rest } = services;
  const second = await makeStage({ services: rest, store: first.store });
  for (const token of [service.access_token, exchanged.access_token]) {
    expect(await first.introspect(String(token))).toMatchObject({ active: true });
    expect(await second.introspect(String(token))).toEqual(inactive);
  }
});

test("the hint is only a hint", async () => {
  const { signUp, form } = await makeStage();
  const { refresh = "" } = await signUp("deny");
  for (const token_type_hint of ["access_token", "refresh_token", "nonsense"]) {
    const response = await form("/oauth2/introspect", { token: refresh, token_type_hint }, "gateway");
    expect(await read(response)).toMatchObject({ active: true });
  }
});
