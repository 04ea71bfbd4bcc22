import { describe, expect, test, vi } from "vitest";
import { makeStage, pause, rotations, slowStorage } from "./stage.ts";

/** Longer than an access token lives: seconds. */
const hour = 3600;

const isRefresh = ({ path }: { path: string }): boolean => path === "/api/auth/refresh";

function headersOf(init: RequestInit | undefined): { readonly [name: string]: string } {
  return Object.fromEntries(new Headers(init?.headers));
}

/** All at once; the statuses. */
async function ask(client: { fetch: typeof fetch }, count: number, path = "/api/me"): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => client.fetch(path)));
  return answers.map(({ status }) => status);
}

test("50 requests at once over 500 ms of network, with an access token that has expired: one rotation", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  stage.pass(hour);
  stage.proxy.befall(() => ({ delay: 500 }));
  expect(new Set(await ask(client, 50))).toEqual(new Set([200]));
  expect(rotations(stage.proxy)).toBe(1);
  expect(stage.asked("/api/auth/refresh").filter(({ status }) => status === 200)).toHaveLength(1);
});

test("requests that are refused while they are under way are sent again, after one rotation", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  stage.pass(60);
  let first: string | undefined;
  stage.proxy.befall(({ path, headers: { authorization } }) => {
    if (path === "/api/me") first ??= authorization;
    if (path !== "/api/me" || authorization !== first) return undefined;
    const headers = { "content-type": "application/problem+json" };
    return {
      delay: Math.random() * 300,
      answer: { status: 401, headers, body: '{"code":"access_expired"}' },
    };
  });
  expect(new Set(await ask(client, 50))).toEqual(new Set([200]));
  expect(stage.asked("/api/me")).toHaveLength(100);
  expect(stage.asked("/api/auth/refresh")).toHaveLength(1);
  expect(rotations(stage.proxy)).toBe(1);
});

test("it is done in time, at five sixths of the life, and nobody has to ask for it", async () => {
  const stage = await makeStage({ access: { expiresIn: 3 } });
  const { client } = await stage.arrive({ events: false });
  const signedUp = stage.asked("/api/auth/sign-up/email")[0]?.at ?? 0;
  await vi.waitFor(() => expect(stage.asked("/api/auth/refresh")).toHaveLength(1), 4000);
  const after = (stage.asked("/api/auth/refresh")[0]?.at ?? 0) - signedUp;
  expect(after).toBeGreaterThan(2300);
  expect(after).toBeLessThan(3000);
  await ask(client, 5);
  expect(stage.asked("/api/me").map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test("the answer lost 200 times: never signed out", { timeout: 120_000 }, async () => {
  const stage = await makeStage({ refresh: { grace: 1 } });
  const phones = 8;
  let arriving = phones;
  const losses = new Map<string, number>();
  stage.proxy.befall((one) => {
    const phone = String(one.headers["x-phone"]);
    const lost = losses.get(phone) ?? 0;
    if (!isRefresh(one) || lost >= 200 / phones) return undefined;
    losses.set(phone, lost + 1);
    return { loseAnswer: true };
  });
  await Promise.all(
    Array.from({ length: phones }, async (_, phone) => {
      const named: typeof fetch = (input, init) =>
        fetch(input, { ...init, headers: { ...headersOf(init), "x-phone": String(phone) } });
      const { client, states, userId } = await stage.arrive({ events: false, fetch: named });
      if (--arriving === 0) stage.pass(hour);
      let failed = 0;
      while ((losses.get(String(phone)) ?? 0) < 200 / phones) {
        await pause(20);
        const outcome = await client.fetch("/api/me").then(
          ({ status }) => status,
          () => "network",
        );
        if (outcome === "network") failed++;
        else expect(outcome).toBe(200);
      }
      expect(failed).toBeGreaterThan(3);
      expect(await ask(client, 3)).toEqual([200, 200, 200]);
      await vi.waitFor(() => expect(client.getSnapshot().status).toBe("authenticated"), 40_000);
      expect(states).not.toContain("signed-out");
      const events = await stage.auth.api.listEvents({ userId });
      expect(JSON.stringify(events)).toContain("signed_up");
      expect(JSON.stringify(events)).not.toContain("refresh_reused");
    }),
  );
  expect([...losses.values()].reduce((sum, lost) => sum + lost, 0)).toBe(200);
});

test("each second answer lost, with new tokens all the while", { timeout: 60_000 }, async () => {
  const stage = await makeStage({ refresh: { grace: 0 } });
  const { client, states } = await stage.arrive({ events: false });
  let count = 0;
  stage.proxy.befall((one) => (isRefresh(one) && count++ % 2 === 0 ? { loseAnswer: true } : undefined));
  for (let turn = 0; turn < 12; turn++) {
    stage.pass(hour);
    expect(await ask(client, 2)).toEqual([200, 200]);
  }
  expect(rotations(stage.proxy)).toBe(12);
  expect(states).not.toContain("signed-out");
});

test("a repeated renewal has the same key, the next one another", async () => {
  const stage = await makeStage({ refresh: { grace: 0 } });
  const { client } = await stage.arrive({ events: false });
  let lost = 0;
  stage.proxy.befall((one) => (isRefresh(one) && lost++ < 2 ? { loseAnswer: true } : undefined));
  stage.pass(hour);
  await ask(client, 1);
  stage.pass(hour);
  await ask(client, 1);
  const keys = stage.asked("/api/auth/refresh").map(({ headers }) => String(headers["idempotency-key"]));
  expect(keys[0]?.length).toBeGreaterThan(15);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
});

test("a phone that is switched off before the answer comes asks for the same one when it is on again", async () => {
  const stage = await makeStage({ access: { expiresIn: 1 }, refresh: { grace: 0 } });
  const storage = slowStorage();
  await stage.arrive({ storage, events: false });
  stage.proxy.befall((one) => (isRefresh(one) ? { loseAnswer: true } : undefined));
  await vi.waitFor(() => expect(stage.asked("/api/auth/refresh").length).toBeGreaterThan(0), 3000);
  const left = new Map(storage.values);
  await pause(500);
  const later = slowStorage();
  for (const [name, value] of left) later.values.set(name, value);
  stage.proxy.befall(() => undefined);
  const again = stage.client({ storage: later, events: false });
  expect(await again.getSession()).toMatchObject({ ok: true, session: { client: "mobile" } });
});

describe("a device whose clock is wrong", () => {
  test.each([-86_400_000, 86_400_000])("by %d ms: renews when others do", async (off) => {
    const stage = await makeStage({ access: { expiresIn: 60 } });
    const real = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => real() + off);
    try {
      const at = stage.asked("/api/auth/refresh");
      const { client, states } = await stage.arrive({ events: false, storage: slowStorage() });
      expect(await ask(client, 5)).toEqual([200, 200, 200, 200, 200]);
      expect(at).toEqual([]);
      expect(stage.asked("/api/auth/refresh")).toEqual([]);
      expect(states).toEqual([]);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test("or set back by a day while the app was closed", async () => {
    const stage = await makeStage({ access: { expiresIn: 60 } });
    const storage = slowStorage();
    await stage.arrive({ events: false, storage });
    const real = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => real() - 86_400_000);
    try {
      // It is the clock of the server here, too, which goes on by itself until the log tells it the time.
      await pause(1000);
      const later = stage.client({ events: false, storage });
      expect(await ask(later, 3)).toEqual([200, 200, 200]);
      expect(stage.asked("/api/auth/refresh")).toHaveLength(1);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

test("stolen and used elsewhere: signed out, once the server says so", async () => {
  const stage = await makeStage({ access: { expiresIn: 1 }, refresh: { grace: 0 } });
  const storage = slowStorage();
  const { client, states } = await stage.arrive({ events: false, storage });
  const stolen = storage.values.get("latchkey-mobile") ?? "";
  const thief = stage.client({
    storage: { get: () => stolen, set: () => undefined, remove: () => undefined },
    events: false,
  });
  const copy = JSON.parse(stolen).refreshToken;
  for (const _ of [1, 2]) {
    const body = JSON.stringify({ refreshToken: copy });
    const headers = { "content-type": "application/json" };
    await fetch(`${stage.proxy.url}/api/auth/refresh`, { method: "POST", headers, body });
  }
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("signed-out"), 4000);
  expect(states.filter((state) => state === "signed-out")).toHaveLength(1);
  expect(storage.values.has("latchkey-mobile")).toBe(false);
  expect(await thief.getSession()).toMatchObject({ session: null });
});
