import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { known, makeStage, password, tally } from "./stage.ts";

const origin = "https://app.example";
const options = { baseURL: origin, trustedProxies: ["10.0.0.0/8"] };

interface Sent {
  readonly path?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ip?: string;
}

function post(auth: Auth, { path = "/sign-in/email", body = {}, headers = {}, ip }: Sent): Promise<Response> {
  const request = new Request(`${origin}/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return auth.handler(request, { remoteAddress: ip });
}

const guess = { email: known, password: "a guess", client: "web" };
const right = { email: known, password, client: "web" };

/** Uses up all that strangers have on the account. */
async function lockOut(auth: Auth): Promise<void> {
  for (let time = 0; time < 10; time++) await post(auth, { body: guess });
}

test("429 is a problem with Retry-After, and the same for an account that does not exist", async () => {
  const { auth } = await makeStage(options);
  await lockOut(auth);
  const response = await post(auth, { body: guess });
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("30");
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const words = await response.text();
  expect(JSON.parse(words)).toMatchObject({ code: "rate_limited", status: 429 });
  const nobody = { ...guess, email: "nobody@example.com" };
  for (let time = 0; time < 10; time++) await post(auth, { body: nobody });
  const other = await post(auth, { body: nobody });
  expect([other.status, other.headers.get("retry-after"), await other.text()]).toEqual([429, "30", words]);
});

test("every spelling of the path that leads to a sign-in counts", async () => {
  const spellings = [
    "/sign-in/email",
    "//sign-in/email",
    "/sign-in//email",
    "/sign-in/email/",
    "/./sign-in/email",
    "/x/../sign-in/email",
    "/sign-in/%65mail",
    "/sign-in%2Femail",
    "/%2e/sign-in/email",
    "/SIGN-IN/EMAIL",
    "/sign-in/email?x=1",
    "/sign-in/email;x=1",
    "/sign-in\\email",
  ];
  const { auth, looks } = await makeStage(options);
  const statuses: string[] = [];
  for (let time = 0; time < 20; time++) {
    for (const path of spellings) statuses.push(String((await post(auth, { path, body: guess })).status));
  }
  const { 401: wrong, 404: missing, 429: limited, ...rest } = tally(statuses);
  expect(rest).toEqual({});
  expect([wrong, looks()]).toEqual([10, 10]);
  expect(limited).toBeGreaterThan(100);
  expect(missing).toBeGreaterThan(0);
});

test("an address that goes through a proxy is counted as the client's", async () => {
  const { auth } = await makeStage(options);
  const send = async (time: number, forwarded: string) => {
    const body = { ...guess, email: `user${time}@example.com` };
    return (await post(auth, { body, ip: "10.0.0.1", headers: { "x-forwarded-for": forwarded } })).status;
  };
  for (let time = 0; time < 50; time++) expect(await send(time, `6.6.6.${time}, 192.0.2.1`)).toBe(401);
  expect(await send(50, "192.0.2.1")).toBe(429);
  expect(await send(51, "192.0.2.2")).toBe(401);
});

describe("the cookie of a known device", () => {
  const named = "__Host-latchkey-device";
  const cookieOf = (response: Response, name: string) =>
    response.headers.getSetCookie().find((line) => line.startsWith(`${name}=`));
  const pairOf = (line: string | undefined) => line?.split(";")[0] ?? "none";

  test("is set at sign-in and sign-up, and stays at sign-out", async () => {
    const { auth } = await makeStage(options);
    const body = { email: "b@example.com", password, client: "web" };
    const signedUp = await post(auth, { path: "/sign-up/email", body });
    const signedIn = await post(auth, { body: { ...body, rememberMe: false } });
    for (const response of [signedUp, signedIn]) {
      expect(cookieOf(response, named)).toMatch(
        /^__Host-latchkey-device=lkd_[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000$/,
      );
      expect(await response.json()).not.toHaveProperty("deviceToken");
    }
    const cookie = signedIn.headers.getSetCookie().map(pairOf).join("; ");
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const out = await post(auth, { path: "/sign-out", headers });
    expect(out.headers.getSetCookie().map((line) => line.split("=")[0])).toEqual(["__Host-latchkey-web"]);
  });

  test("has no prefix over plain http", async () => {
    const auth = (await makeStage()).auth;
    const result = await auth.api.signInEmail(right);
    if (!result.ok || result.credentials.transport !== "cookie") throw new Error("no cookie");
    expect(result.credentials.setCookies[1]).toMatch(
      /^latchkey-device=lkd_[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max/,
    );
  });

  test("lets its owner in while strangers are held up", async () => {
    const { auth } = await makeStage(options);
    const cookie = pairOf(cookieOf(await post(auth, { body: right }), named));
    await lockOut(auth);
    expect((await post(auth, { body: right })).status).toBe(429);
    expect((await post(auth, { body: right, headers: { cookie } })).status).toBe(200);
  });

  test("counts only where its kind of client keeps it, once, and by its exact name", async () => {
    const { auth, device } = await makeStage(options);
    const token = pairOf(cookieOf(await post(auth, { body: right }), named)).split("=")[1] ?? "";
    await lockOut(auth);
    const inBody = { ...right, deviceToken: token };
    expect((await post(auth, { body: inBody })).status, "the body, of a cookie client").toBe(429);
    const mobile = { ...right, client: "mobile" };
    const cookies = [`${named}=${token}`, `${named}=${token}; ${named}=${token}`, `latchkey-device=${token}`];
    const [cookie = "", twice = "", other = ""] = cookies;
    expect(
      (await post(auth, { body: mobile, headers: { cookie } })).status,
      "a cookie, of a bearer client",
    ).toBe(429);
    expect((await post(auth, { body: right, headers: { cookie: twice } })).status, "twice").toBe(429);
    expect((await post(auth, { body: right, headers: { cookie: other } })).status, "another name").toBe(429);
    expect((await post(auth, { body: { ...mobile, deviceToken: device } })).status).toBe(200);
  });

  test("is the name of no client", () => {
    const clients = { device: { transport: "cookie", strategy: "session" } } as const;
    expect(() => latchkey({ secret: "s".repeat(32), store: memoryStore(), clients })).toThrow(
      "clients.device",
    );
  });
});

test("a bearer client gets its device token in the answer to a sign-in and a sign-up, and to nothing else", async () => {
  const { auth } = await makeStage({
    ...options,
    clients: { mobile: { transport: "bearer", strategy: "jwt" } },
  });
  const body = { email: "b@example.com", password, client: "mobile" };
  const signedUp = await (await post(auth, { path: "/sign-up/email", body })).json();
  const signedIn = await (await post(auth, { body })).json();
  expect([signedUp.deviceToken, signedIn.deviceToken]).toEqual([
    expect.stringMatching(/^lkd_/),
    expect.stringMatching(/^lkd_/),
  ]);
  const refreshed = await post(auth, { path: "/refresh", body: { refreshToken: signedIn.refreshToken } });
  expect(await refreshed.json()).not.toHaveProperty("deviceToken");
});
