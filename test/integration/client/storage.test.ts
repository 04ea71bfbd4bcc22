import type { TokenStorage } from "latchkey/client";
import { expect, test, vi } from "vitest";
import { makeStage, password, pause, rotations, type Stage, slowStorage, watch } from "./stage.ts";

const name = "latchkey-mobile";

function count(storage: { readonly values: Map<string, string> }): number {
  return Number(JSON.parse(storage.values.get(name) ?? "{}").refreshToken?.split(".")[1]);
}

test("five tabs with one storage: nobody is signed out, and the newest tokens stay", {
  timeout: 90_000,
}, async () => {
  const stage = await makeStage();
  const storage = slowStorage(5);
  const channel = `test ${Math.random()}`;
  const first = await stage.arrive({ storage, events: false, channel });
  const tabs = [
    first.client,
    ...Array.from({ length: 4 }, () => stage.client({ storage, events: false, channel })),
  ];
  const states = tabs.map(watch);
  await Promise.all(tabs.map((tab) => tab.getSession()));
  stage.proxy.befall(() => ({ delay: Math.random() * 300 }));
  const answers = new Set<string>();
  for (let turn = 1; turn <= 6; turn++) {
    stage.pass(3600);
    await Promise.all(
      [...tabs, ...tabs, ...tabs, ...tabs].map(async (tab) => {
        await pause(Math.random() * 400);
        const answer = await tab.fetch("/api/me");
        const { code }: { code?: string } = await answer.json();
        answers.add(`${answer.status} ${code ?? ""}`);
      }),
    );
    await vi.waitFor(() => expect(count(storage)).toBe(turn));
    expect(rotations(stage.proxy)).toBe(turn);
  }
  expect([...answers]).toEqual(["200 "]);
  expect(new Set(states.flat())).toEqual(new Set(["authenticated"]));
});

test("a tab that wakes up and puts back what it held is put right by another", async () => {
  const stage = await makeStage({ access: { expiresIn: 900 }, refresh: { grace: 0 } });
  const storage = slowStorage();
  const channel = `test ${Math.random()}`;
  const weather = makeWeather(stage);
  const { client } = await stage.arrive({ storage, events: false, channel });
  const old = storage.values.get(name) ?? "";
  weather.expire();
  expect((await client.fetch("/api/me")).status).toBe(200);
  expect(count(storage)).toBe(1);
  storage.values.set(name, old);
  const told = new BroadcastChannel(channel);
  const session = client.getSnapshot().session?.id;
  told.postMessage({ kind: "renewed", session, expiresIn: 900 });
  await vi.waitFor(() => expect(count(storage)).toBe(1));
  told.close();
  // And without a word, when it is next about to be used.
  storage.values.set(name, old);
  weather.expire();
  expect((await client.fetch("/api/me")).status).toBe(200);
  expect(count(storage)).toBe(2);
});

test("an answer that comes late does not bring back what was signed out of, nor replace a newer sign-in", async () => {
  const stage = await makeStage({ refresh: { grace: 0 } });
  const storage = slowStorage();
  const weather = makeWeather(stage);
  const { client, email } = await stage.arrive({ storage, events: false });
  const other = stage.client({ storage, events: false });
  await other.getSession();

  const slow = weather.holdRefresh();
  weather.expire();
  const late = client.fetch("/api/me");
  await slow.arrived;
  expect(await other.signOut()).toEqual({ ok: true });
  slow.go();
  await late;
  await pause(100);
  expect(storage.values.has(name)).toBe(false);
  expect(await client.getSession()).toMatchObject({ session: null });

  expect(await client.signIn.email({ email, password })).toMatchObject({ ok: true });
  const again = weather.holdRefresh();
  weather.expire();
  const second = client.fetch("/api/me");
  await again.arrived;
  await other.getSession();
  const newer = await other.signIn.email({ email, password });
  const kept = storage.values.get(name);
  again.go();
  await second;
  await pause(100);
  expect(storage.values.get(name)).toBe(kept);
  expect(await client.getSession()).toMatchObject({ session: { id: newer.ok && newer.session.id } });
});

test("a sign-in, a sign-out and a new password of one tab are seen by the others", async () => {
  const stage = await makeStage();
  const storage = slowStorage();
  const channel = `test ${Math.random()}`;
  const { client, email } = await stage.arrive({ storage, events: false, channel });
  const other = stage.client({ storage, events: false, channel });
  const states = watch(other);
  await vi.waitFor(() => expect(states).toEqual(["authenticated"]));
  await client.changePassword({ currentPassword: password, newPassword: "another horse battery staple" });
  expect((await other.fetch("/api/me")).status).toBe(200);
  await client.signOut();
  await vi.waitFor(() => expect(states).toEqual(["authenticated", "signed-out"]));
  await client.signIn.email({ email, password: "another horse battery staple" });
  await vi.waitFor(() => expect(states.at(-1)).toBe("authenticated"));
  expect(states).toHaveLength(3);
});

test("a tab that has not heard of another's sign-in takes over what it finds, and throws nothing away", async () => {
  const stage = await makeStage();
  const storage = slowStorage();
  const { client, email } = await stage.arrive({ storage, events: false });
  const other = stage.client({ storage, events: false });
  // The sign-in ends the session that the first tab holds.
  expect(await other.signIn.email({ email, password })).toMatchObject({ ok: true });
  expect((await client.fetch("/api/me")).status).toBe(200);

  expect(await other.signIn.email({ email, password })).toMatchObject({ ok: true });
  expect(await client.listSessions()).toMatchObject({ ok: true });

  // Nobody was signed in when it was asked, and somebody is when the answer comes.
  const sessionId = client.getSnapshot().session?.id ?? "";
  await stage.auth.api.revokeSessions({ userId: client.getSnapshot().user?.id ?? "" });
  expect(sessionId).not.toBe("");
  let go = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  const arrived = new Promise<void>((arrive) => {
    stage.proxy.befall(({ path }) => {
      if (!path.endsWith("/get-session")) return undefined;
      stage.proxy.befall(() => undefined);
      setTimeout(arrive, 100);
      return { answerAfter: until };
    });
  });
  const asking = client.getSession();
  await arrived;
  expect(await other.signIn.email({ email, password })).toMatchObject({ ok: true });
  go();
  expect(await asking).toMatchObject({ ok: true, user: { email } });
  expect(storage.values.has(name)).toBe(true);
  expect((await other.fetch("/api/me")).status).toBe(200);
});

const broken: { readonly [what: string]: TokenStorage } = {
  "throws at all": {
    get: () => {
      throw new Error("no");
    },
    set: () => {
      throw new Error("no");
    },
    remove: () => {
      throw new Error("no");
    },
  },
  "rejects at all": {
    get: () => Promise.reject(new Error("no")),
    set: () => Promise.reject(new Error("no")),
    remove: () => Promise.reject(new Error("no")),
  },
};

test.each(Object.keys(broken))("a storage that %s: the tokens live as long as the page", async (what) => {
  const stage = await makeStage();
  const weather = makeWeather(stage);
  const { client } = await stage.arrive({ storage: broken[what] as TokenStorage, events: false });
  weather.expire();
  expect((await client.fetch("/api/me")).status).toBe(200);
  expect(await client.getSession()).toMatchObject({ ok: true, user: { status: "active" } });
  expect(await client.signOut()).toEqual({ ok: true });
});

test.each([
  "",
  "null",
  "[]",
  "{}",
  "not json",
  '{"accessToken":5}',
  '{"accessToken":""}',
  '{"accessToken":"a.b.\u4e16","refreshToken":"lkr_a.0.b"}',
  '{"accessToken":"a.b.c","refreshToken":5}',
  '{"accessToken":"a.b.c","expiresIn":"soon"}',
])("%j in the storage is nobody", async (value) => {
  const stage = await makeStage();
  const storage = slowStorage();
  storage.values.set(name, value);
  const client = stage.client({ storage });
  expect(await client.getSession()).toEqual({ ok: true, session: null, user: null });
  storage.values.set(name, value);
  const input = { email: "somebody@example.com", password };
  expect(await stage.client({ storage }).signUp.email(input)).toMatchObject({ ok: true });
});

/** What befalls the next request of a kind, and no other. */
function makeWeather({ proxy }: Stage) {
  const headers = { "content-type": "application/problem+json" };
  let expiring = 0;
  let slow: { readonly arrive: () => void; readonly until: Promise<void> } | undefined;
  proxy.befall(({ path }) => {
    if (path === "/api/me" && expiring > 0) {
      expiring--;
      return { answer: { status: 401, headers, body: '{"code":"access_expired"}' } };
    }
    if (path !== "/api/auth/refresh" || slow === undefined) return undefined;
    const { arrive, until } = slow;
    slow = undefined;
    arrive();
    return { answerAfter: until };
  });
  return {
    /** The access token of the next request has expired. */
    expire: () => void expiring++,
    /** The next answer to a renewal comes when it may. */
    holdRefresh() {
      let go = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        go = resolve;
      });
      const arrived = new Promise<void>((arrive) => {
        slow = { arrive, until };
      });
      return { arrived, go };
    },
  };
}
