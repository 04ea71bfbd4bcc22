import { describe, expect, test, vi } from "vitest";
import { type App, type AppOptions, makeApp, origin } from "../../support/http/app.ts";
import type { Device } from "../../support/http/device.ts";
import { type Listener, listen } from "../../support/http/event-stream.ts";
import { serve } from "../../support/http/server.ts";

const clients = {
  session: { transport: "cookie", strategy: "session" },
  "session-live": { transport: "cookie", strategy: "session-live" },
  jwt: { transport: "bearer", strategy: "jwt" },
  "jwt-denylist": { transport: "bearer", strategy: "jwt-denylist" },
  "jwt-allowlist": { transport: "bearer", strategy: "jwt-allowlist" },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
} as const;
const names = Object.keys(clients);
const roles = { admin: ["*"], editor: ["post:*", "comment:read"], reader: ["comment:read"] };

function make(options: Partial<AppOptions> = {}): Promise<App> {
  return makeApp({ clients, roles, realTime: true, ...options });
}

async function open({ auth }: App, device: Device, method = "GET"): Promise<Listener> {
  const headers = device.credentialHeaders();
  return listen(await auth.handler(new Request(`${origin}/api/auth/events`, { method, headers })));
}

/** What a stream tells, as far as tests compare it. */
function brief(listener: Listener): readonly unknown[] {
  return listener.told().map(({ event, data }) => [event, data.code ?? data.permissions]);
}

describe.each(names)("a stream of %s", (client) => {
  test("begins with who is signed in, tells new roles, then the end, and is over", async () => {
    const app = await make();
    const { device, userId } = await app.arrive(client);
    const stream = await open(app, device);
    expect(stream.status).toBe(200);
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    expect(stream.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(stream.headers.get("x-accel-buffering")).toBe("no");
    await vi.waitFor(() => expect(brief(stream)).toEqual([["session", []]]));
    expect(stream.text()).toMatch(/^retry: \d{4}\n\n/);
    expect(stream.told()[0]?.data).toMatchObject({ user: { id: userId }, session: { client } });

    const changed = performance.now();
    await app.auth.api.setRole({ userId, roles: ["editor", "reader"] });
    await vi.waitFor(() => expect(stream.told()).toHaveLength(2), { interval: 5 });
    expect(performance.now() - changed).toBeLessThan(1000);
    expect(stream.told()[1]).toEqual({
      event: "roles",
      data: { roles: ["editor", "reader"], permissions: ["post:*", "comment:read"] },
    });

    await app.auth.api.banUser({ userId });
    await stream.ended;
    expect(["session_ended", "account_unavailable"]).toContain(stream.told()[2]?.data.code);
    expect(stream.told()).toHaveLength(3);
  });
});

test("whoever is not signed in gets a problem, and no stream", async () => {
  const app = await make();
  const nobody = await open(app, app.device());
  await nobody.ended;
  expect([nobody.status, JSON.parse(nobody.text()).code]).toEqual([401, "credential_missing"]);
  const { device, sessionId } = await app.arrive("session");
  await app.auth.api.revokeSession({ sessionId });
  const late = await open(app, device);
  await late.ended;
  expect([late.status, JSON.parse(late.text()).code]).toEqual([401, "session_ended"]);
});

test("a session that ends while its stream is being opened is told", async () => {
  const app = await make();
  const { device, userId } = await app.arrive("jwt-live");
  const opening = open(app, device);
  await app.auth.api.banUser({ userId });
  const stream = await opening;
  await stream.ended;
  const said = stream.status === 200 ? stream.told().at(-1)?.data.code : JSON.parse(stream.text()).code;
  expect(["session_ended", "account_unavailable"]).toContain(said);
});

test("HEAD shows the headers and opens nothing", async () => {
  const app = await make({ events: { perUser: 1 } });
  const { device } = await app.arrive("session");
  for (const _ of [1, 2, 3]) {
    const head = await open(app, device, "HEAD");
    await head.ended;
    expect([head.status, head.text()]).toEqual([200, ""]);
  }
  expect((await open(app, device)).status).toBe(200);
});

test("whoever left while they were looked up takes no place", async () => {
  const app = await make({ events: { perUser: 1 } });
  const { device } = await app.arrive("session");
  const headers = device.credentialHeaders();
  const leaving = new AbortController();
  const asked = app.auth.handler(
    new Request(`${origin}/api/auth/events`, { headers, signal: leaving.signal }),
  );
  leaving.abort();
  await asked;
  expect((await open(app, device)).status).toBe(200);
});

test("so many of one user, and so many in all; a place is free again once somebody has gone", async () => {
  const app = await make({ events: { perUser: 2, total: 3 } });
  const [ada, ben] = [await app.arrive("session"), await app.arrive("session")];
  const first = await open(app, ada.device);
  await open(app, ada.device);
  const third = await open(app, ada.device);
  await third.ended;
  expect([third.status, JSON.parse(third.text()).code]).toEqual([429, "rate_limited"]);
  expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await open(app, ben.device)).status).toBe(200);
  const full = await open(app, ben.device);
  await full.ended;
  expect([full.status, JSON.parse(full.text()).code]).toEqual([503, "busy"]);
  first.leave();
  await vi.waitFor(async () => expect((await open(app, ben.device)).status).toBe(200));
});

test("a page that goes away over a real connection gives its place back", async () => {
  const app = await make({ events: { perUser: 1 } });
  const { device } = await app.arrive("session");
  const { url } = await serve(app.auth);
  const ask = (signal: AbortSignal) =>
    fetch(`${url}/api/auth/events`, { headers: device.credentialHeaders(), signal });
  for (let turn = 0; turn < 5; turn++) {
    const leaving = new AbortController();
    const stream = await vi.waitFor(
      async () => {
        const answer = await ask(leaving.signal);
        if (answer.status !== 200) await answer.text();
        expect(answer.status).toBe(200);
        return listen(answer);
      },
      { timeout: 3000 },
    );
    await vi.waitFor(() => expect(stream.told()).toHaveLength(1));
    leaving.abort();
  }
});

test("whoever reads nothing is not waited for", async () => {
  const app = await make({ events: { perUser: 1 } });
  const { device, userId } = await app.arrive("session-live");
  const headers = device.credentialHeaders();
  const unread = await app.auth.handler(new Request(`${origin}/api/auth/events`, { headers }));
  expect(unread.status).toBe(200);
  for (let turn = 0; turn < 100; turn++)
    await app.auth.api.setRole({ userId, roles: turn % 2 ? ["editor"] : ["reader"] });
  await vi.waitFor(async () => expect((await open(app, device)).status).toBe(200));
});

test("a line every fifteen seconds shows that both ends are there, while there is a stream", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const app = await make();
    const { device } = await app.arrive("session");
    const before = vi.getTimerCount();
    const stream = await open(app, device);
    await vi.advanceTimersByTimeAsync(45_000);
    await vi.waitFor(() => expect(stream.text().match(/^: here$/gm)).toHaveLength(3));
    stream.leave();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(before));
  } finally {
    vi.useRealTimers();
  }
});

test("closing ends all of them, and opens no more", async () => {
  const app = await make();
  const { device } = await app.arrive("session");
  const streams = [await open(app, device), await open(app, device)];
  app.auth.drain();
  await Promise.all(streams.map(({ ended }) => ended));
  expect(streams.map((stream) => brief(stream))).toEqual([[["session", []]], [["session", []]]]);
  const late = await open(app, device);
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
});

test("events: false says so", async () => {
  const app = await make({ events: false });
  const { device } = await app.arrive("session");
  const stream = await open(app, device);
  await stream.ended;
  expect([stream.status, JSON.parse(stream.text()).code]).toEqual([404, "not_found"]);
});
