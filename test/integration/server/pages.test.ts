import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";
import { postJson, Visitor } from "./visitor.ts";

const email = "ada@example.org";
const password = "correct horse staple";

async function site(): Promise<string> {
  return (await startServer(["--db", join(temporaryFolder(), "a.db")])).url;
}

/** A visitor who has just signed up. */
async function signedUp(url: string, name = "Ada"): Promise<Visitor> {
  const visitor = new Visitor(url);
  const answer = await visitor.post("/sign-up", { email, password, name });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account"]);
  return visitor;
}

/** The names of the fields that a page marks as wrong. */
function faultyFields(page: string): (string | undefined)[] {
  return [...page.matchAll(/name="(\w+)"[^>]*aria-invalid="true"/g)].map((match) => match[1]);
}

test("every page carries the headers that keep it to itself", async () => {
  const url = await site();
  const ada = await signedUp(url);
  for (const path of ["/account", "/sign-out", "/nowhere"]) {
    const { headers } = await ada.get(path);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("cache-control")).toContain("no-store");
    expect(headers.get("permissions-policy")).toContain("camera=()");
    expect(headers.get("strict-transport-security")).toBeNull();
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
  }
});

test("signing in leads on to a page of this site only", async () => {
  const url = await site();
  await signedUp(url);
  const signIn = (next: string) => new Visitor(url).post("/sign-in", { email, password, next });
  expect((await signIn("/somewhere?a=b")).headers.get("location")).toBe("/somewhere?a=b");
  expect((await signIn("//evil.example")).headers.get("location")).toBe("/account");
  const form = await (await new Visitor(url).get("/sign-in?next=/%5Cevil.example")).text();
  expect(form).toContain('name="next" value="/account"');
});

test("who is signed in does not see the sign-in form again", async () => {
  const url = await site();
  const ada = await signedUp(url);
  expect((await ada.get("/sign-in?next=/x")).headers.get("location")).toBe("/x");
  expect((await ada.get("/sign-up")).headers.get("location")).toBe("/account");
});

test("a wrong password comes back with words, marks and what was typed, but not the password", async () => {
  const url = await site();
  await signedUp(url);
  const answer = await new Visitor(url).post("/sign-in", {
    email,
    password: "wrong horse staple",
    next: "/x",
  });
  const page = await answer.text();
  expect(answer.status).toBe(401);
  expect(page).toMatch(/role="alert"[\s\S]*The e-mail address or the password is wrong/);
  expect(faultyFields(page)).toEqual(["email", "password"]);
  expect(page).toContain('aria-describedby="problem"');
  expect(page).toContain(`value="${email}"`);
  expect(page).toContain('name="next" value="/x"');
  expect(page).not.toContain("wrong horse");
});

test("what was typed is shown as text, never as markup", async () => {
  const url = await site();
  const evil = '"><script>alert(1)</script>';
  const answer = await new Visitor(url).post("/sign-in", { email: evil, password });
  expect(await answer.text()).not.toContain("<script>");
  const ada = await signedUp(url, "<img src=x onerror=alert(1)>");
  const account = await (await ada.get("/account", { "user-agent": "<b>curl</b>" })).text();
  expect(account).not.toMatch(/<img|<b>/);
  expect(await (await ada.get("/sign-in?done=<svg>&next=<svg>")).text()).not.toContain("<svg>");
});

test("sign-up says what is wrong at the field that is", async () => {
  const url = await site();
  await signedUp(url);
  const visitor = new Visitor(url);
  const taken = await visitor.post("/sign-up", { email, password });
  expect([taken.status, faultyFields(await taken.text())]).toEqual([409, ["email"]]);
  const short = await visitor.post("/sign-up", { email: "b@example.org", password: "short" });
  expect([short.status, faultyFields(await short.text())]).toEqual([422, ["password"]]);
  const bad = await visitor.post("/sign-up", { email: "nobody", password });
  expect([bad.status, faultyFields(await bad.text())]).toEqual([400, ["email"]]);
});

test("a form from another site is refused and changes nothing", async () => {
  const url = await site();
  const ada = await signedUp(url);
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  for (const path of ["/sign-in", "/sign-up", "/sign-out", "/account", "/setup"]) {
    const answer = await ada.post(path, { email, password, action: "delete" }, foreign);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("came from another site");
  }
  expect((await ada.get("/account")).status).toBe(200);
});

test("only forms as our pages send them are read", async () => {
  const url = await site();
  const headers = { origin: url, "content-type": "application/x-www-form-urlencoded" };
  const send = (body: string, type?: string) =>
    fetch(`${url}/sign-in`, {
      method: "POST",
      body,
      headers: { ...headers, ...(type && { "content-type": type }) },
    });
  expect((await send("email=a&email=b&password=c")).status).toBe(400);
  expect((await send("email=a", "text/plain")).status).toBe(415);
  expect((await send('{"email":"a"}', "application/json")).status).toBe(415);
  expect((await send(`email=${"a".repeat(70_000)}`)).status).toBe(413);
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("a".repeat(16_384))),
  });
  const init = { method: "POST", body: endless, headers, duplex: "half" } as const;
  const answer = await fetch(`${url}/sign-in`, init).then(
    ({ status }) => status,
    () => "cut off",
  );
  expect([413, "cut off"]).toContain(answer);
});

test("the account page renames, and remembers", async () => {
  const ada = await signedUp(await site());
  const answer = await ada.post("/account", { action: "rename", name: " Ada L. " });
  expect(answer.headers.get("location")).toBe("/account?done=name");
  expect(await (await ada.get("/account?done=name")).text()).toMatch(/role="status"[\s\S]*value="Ada L\."/);
});

test("changing the password renews this device and signs out the others", async () => {
  const url = await site();
  const here = await signedUp(url);
  const there = new Visitor(url);
  await there.post("/sign-in", { email, password });
  const before = here.cookie;
  const wrong = { action: "change-password", currentPassword: "wrong", newPassword: "another horse staple" };
  const refused = await here.post("/account", wrong);
  expect([refused.status, faultyFields(await refused.text())]).toEqual([403, ["currentPassword"]]);
  const answer = await here.post("/account", { ...wrong, currentPassword: password });
  expect(answer.headers.get("location")).toBe("/account?done=password");
  expect(here.cookie).not.toBe(before);
  expect((await here.get("/account")).status).toBe(200);
  expect((await there.get("/account")).status).toBe(303);
  expect((await new Visitor(url).get("/account", { cookie: before })).status).toBe(303);
});

test("a device is signed out by its owner only", async () => {
  const url = await site();
  const ada = await signedUp(url);
  const eve = new Visitor(url);
  await eve.post("/sign-up", { email: "eve@example.org", password });
  const phone = new Visitor(url);
  await phone.post("/sign-in", { email, password });
  const sessionId =
    /name="sessionId" value="([^"]+)"/.exec(await (await ada.get("/account")).text())?.[1] ?? "";
  const stolen = await eve.post("/account", { action: "revoke", sessionId });
  expect(stolen.status).toBe(404);
  expect((await phone.get("/account")).status).toBe(200);
  expect((await ada.post("/account", { action: "revoke", sessionId })).status).toBe(303);
  expect((await phone.get("/account")).headers.get("location")).toBe("/sign-in?next=/account");
});

test("deleting the account takes the password and ends everything", async () => {
  const url = await site();
  const ada = await signedUp(url);
  const refused = await ada.post("/account", { action: "delete", password: "wrong" });
  expect([refused.status, (await refused.text()).includes("<details open>")]).toEqual([403, true]);
  const answer = await ada.post("/account", { action: "delete", password });
  expect(answer.headers.get("location")).toBe("/sign-in?done=deleted");
  expect(ada.cookie, "all that stays").toMatch(/^latchkey-device=[^;]+$/);
  expect((await new Visitor(url).post("/sign-in", { email, password })).status).toBe(401);
});

test("not being remembered gives a cookie that goes with the browser", async () => {
  const url = await site();
  await signedUp(url);
  const cookie = async (fields: Record<string, string>) =>
    (await new Visitor(url).post("/sign-in", { email, password, ...fields })).headers.getSetCookie()[0];
  expect(await cookie({})).not.toContain("Max-Age");
  expect(await cookie({ remember: "yes" })).toContain("Max-Age");
});

test("what is done on the pages stands in the audit log, with who did it and from where", async () => {
  const env = { LATCHKEY_ADMIN_EMAIL: "root@example.org", LATCHKEY_ADMIN_PASSWORD: password };
  const { url } = await startServer(["--db", join(temporaryFolder(), "a.db"), "--demo"], env);
  const agent = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
  const ada = await signedUp(url);
  const { session, user } = (await (await ada.get("/api/auth/get-session")).json()) as {
    readonly session: { readonly id: string };
    readonly user: { readonly id: string };
  };
  const other = new Visitor(url);
  await other.post("/sign-in", { email, password });
  const devices = await (await ada.get("/api/auth/list-sessions")).json();
  const sessionId = devices.find((one: { current: boolean }) => !one.current).id;
  const newPassword = `${password} 2`;
  for (const fields of [
    { action: "rename", name: "Ada L." },
    { action: "revoke", sessionId },
    { action: "change-password", currentPassword: password, newPassword },
  ]) {
    expect((await ada.post("/account", fields, agent)).status).toBe(303);
  }
  await other.post("/sign-in", { email, password: newPassword });
  expect((await ada.post("/account", { action: "revoke-others" }, agent)).status).toBe(303);
  await ada.post("/sign-out", {}, agent);
  await other.post("/sign-in", { email, password: newPassword }, agent);
  await other.post("/account", { action: "delete", password: newPassword }, agent);

  const root = { email: "root@example.org", password, client: "session" };
  const { body } = await postJson(`${url}/api/auth/sign-in/email`, root);
  const answer = await fetch(`${url}/api/auth/admin/list-events?userId=${user.id}`, {
    headers: { authorization: `Bearer ${body.sessionToken}` },
  });
  const { events } = (await answer.json()) as { events: { type: string; sessionId: string | null }[] };
  const by = { actorId: user.id, userId: user.id, ip: "127.0.0.1", userAgent: agent["user-agent"] };
  for (const type of [
    "user_updated",
    "session_revoked",
    "password_changed",
    "sessions_revoked",
    "signed_out",
    "user_deleted",
  ]) {
    expect(
      events.find((event) => event.type === type),
      type,
    ).toMatchObject(by);
  }
  expect(events.find(({ type }) => type === "signed_out")).toMatchObject({ sessionId: session.id });
});
