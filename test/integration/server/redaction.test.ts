import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { redact } from "../../../packages/server/src/run/redact.ts";
import { startServer, temporaryFolder } from "./run-server.ts";
import { postJson, Visitor } from "./visitor.ts";

const email = "ada@example.org";
const password = "correct horse staple";

test("no credential of a whole run is in its logs, at the most talkative level", async () => {
  const db = join(temporaryFolder(), "a.db");
  const server = await startServer(["--demo", "--db", db], { LATCHKEY_LOG_LEVEL: "trace" });
  const { url } = server;
  const secrets = [password, "another horse staple", "wrong horse staple", "lks_mistyped.token.here"];
  const ada = new Visitor(url);
  await ada.post("/sign-up", { email, password });
  secrets.push(...ada.cookie.split("; ").map((pair) => pair.split("=")[1] ?? ""));
  await new Visitor(url).post("/sign-in", { email, password: "wrong horse staple" });
  for (const client of ["session", "jwt"]) {
    const { body } = await postJson(`${url}/api/auth/sign-in/email`, { email, password, client });
    const token = String(body.sessionToken ?? body.accessToken);
    secrets.push(token);
    await fetch(`${url}/api/me?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
    await fetch(`${url}/nowhere?token=${token}`, { headers: { cookie: `latchkey-web=${token}` } });
  }
  await fetch(`${url}/api/me`, { headers: { authorization: "Bearer lks_mistyped.token.here" } });
  const change = {
    action: "change-password",
    currentPassword: password,
    newPassword: "another horse staple",
  };
  await ada.post("/account", change);
  secrets.push(...ada.cookie.split("; ").map((pair) => pair.split("=")[1] ?? ""));
  const setup = /token=([\w-]+)/.exec(server.stdout())?.[1] ?? "no link";
  await ada.get(`/setup?token=${setup}`);
  secrets.push(setup, readFileSync(`${db}.secret`, "utf8").trim());
  await server.stop();
  expect(secrets.length).toBeGreaterThan(8);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(server.stderr()).not.toContain(secret);
  }
});

test("each request is one line with method, path without query, status, time and id", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  const response = await fetch(`${server.url}/sign-in?next=/private`);
  await server.stop();
  const lines = server.stderr().trim().split("\n");
  const requests = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  expect(requests).toEqual([
    {
      level: "info",
      time: expect.any(String),
      requestId: response.headers.get("x-request-id"),
      method: "GET",
      path: "/sign-in",
      status: 200,
      ms: expect.any(Number),
      msg: "request",
    },
  ]);
});

test("members with a telling name and texts that look like a credential are taken out at any depth", () => {
  const jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
  const error = new Error(`cannot read lks_abcdefgh.ijkl.mnop`, { cause: new Error(`bad ${jwt}`) });
  const input = {
    headers: { Authorization: "Bearer x", cookie: "a=b", "Set-Cookie": ["c=d"], accept: "text/html" },
    deep: [
      { deeper: { password: "p", newPassword: "q", sessionToken: "r", refreshToken: "s", secret: "t" } },
    ],
    url: new URL("http://a.example/b?token=u"),
    text: "GET /setup?a=b&token=v HTTP/1.1",
    error,
  };
  const text = JSON.stringify(redact(input));
  expect(text).not.toMatch(/Bearer x|a=b"|c=d|"[pqrst]"|token=u|token=v|ijkl|c2lnbmF0dXJl/);
  expect(text).toContain("text/html");
  expect(text).toContain("http://a.example/b");
  expect(text).toContain("cannot read [redacted]");
});
