import { expect, onTestFinished, test, vi } from "vitest";
import { startHttpProxy } from "../../support/net/http-proxy.ts";
import { makeStage, password, pause } from "./stage.ts";

const busy = (retryAfter: string, status = 503) => ({
  answer: { status, headers: { "retry-after": retryAfter } },
});

test.each([429, 503])(
  "%d is waited for as long as it says, where the method may be repeated",
  async (status) => {
    const stage = await makeStage();
    const { client } = await stage.arrive({ events: false });
    let left = 2;
    stage.proxy.befall(({ path }) => (path === "/api/me" && left-- > 0 ? busy("1", status) : undefined));
    const started = performance.now();
    expect((await client.fetch("/api/me")).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(1900);
    expect(stage.asked("/api/me")).toHaveLength(3);
  },
);

test("not for ever, not for long, not without a word, and no POST", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  const outcome = async (retryAfter: string | undefined, init?: RequestInit): Promise<[number, number]> => {
    stage.proxy.befall(({ path }) =>
      path === "/api/me"
        ? retryAfter === undefined
          ? { answer: { status: 503 } }
          : busy(retryAfter)
        : undefined,
    );
    const before = stage.asked("/api/me").length;
    const { status } = await client.fetch("/api/me", init);
    return [status, stage.asked("/api/me").length - before];
  };
  expect(await outcome("0")).toEqual([503, 4]);
  expect(await outcome("3600")).toEqual([503, 1]);
  expect(await outcome(undefined)).toEqual([503, 1]);
  expect(await outcome("0", { method: "POST", body: "x" })).toEqual([503, 1]);
  expect(await outcome("0", { method: "PUT", body: "x" })).toEqual([503, 4]);
});

test("whoever gives up while it waits is not kept waiting", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  stage.proxy.befall(({ path }) => (path === "/api/me" ? busy("20") : undefined));
  const started = performance.now();
  await expect(client.fetch("/api/me", { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(3000);
  expect(client.getSnapshot().status).toBe("authenticated");
});

test("a body that can be sent twice is, after a refusal; a stream is not", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  const expireOnce = (): void => {
    let left = 1;
    stage.proxy.befall(({ path }) => {
      if (path !== "/api/me" || left-- <= 0) return undefined;
      const headers = { "content-type": "application/problem+json" };
      return { answer: { status: 401, headers, body: '{"code":"access_expired"}' } };
    });
  };
  const form = new URLSearchParams({ a: "1" });
  for (const body of ["text", form, new Blob(["text"]), new TextEncoder().encode("text")]) {
    expireOnce();
    const answer = await client.fetch("/api/me", { method: "POST", body });
    expect(await answer.json()).toMatchObject({ body: body === form ? "a=1" : "text" });
  }
  const stream = new Blob(["text"]).stream();
  for (const input of [
    ["/api/me", { method: "POST", body: stream, duplex: "half" } as RequestInit],
    [new Request(`${stage.proxy.url}/api/me`, { method: "POST", body: "text" })],
  ] as const) {
    expireOnce();
    const before = stage.asked("/api/me").length;
    expect((await client.fetch(...(input as [string, RequestInit]))).status).toBe(401);
    expect(stage.asked("/api/me").length - before).toBe(1);
    expect((await client.fetch("/api/me")).status).toBe(200);
  }
  expireOnce();
  expect((await client.fetch(new Request(`${stage.proxy.url}/api/me`))).status).toBe(200);
});

test("a server that always says expired is asked twice, and renewed for once", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  const headers = { "content-type": "application/problem+json" };
  stage.proxy.befall(({ path }) =>
    path === "/api/me" ? { answer: { status: 401, headers, body: '{"code":"access_expired"}' } } : undefined,
  );
  expect((await client.fetch("/api/me")).status).toBe(401);
  expect([stage.asked("/api/me").length, stage.asked("/api/auth/refresh").length]).toEqual([2, 1]);
});

test("the credential goes to the server's origin and those that were named, and nowhere else", async () => {
  const stage = await makeStage();
  const named = await startHttpProxy(stage.proxy.url);
  const other = await startHttpProxy(stage.proxy.url);
  const { client } = await stage.arrive({ events: false, origins: [named.url] });
  const sent = async (input: string | URL | Request): Promise<string | undefined> => {
    const answer: { authorization?: string } = await (await client.fetch(input)).json();
    return answer.authorization?.slice(0, 7);
  };
  expect(await sent("/headers")).toBe("Bearer ");
  expect(await sent(new URL("/headers", stage.proxy.url))).toBe("Bearer ");
  expect(await sent(new Request(`${stage.proxy.url}/headers`))).toBe("Bearer ");
  expect(await sent(`${named.url}/headers`)).toBe("Bearer ");
  const { host: here } = new URL(stage.proxy.url);
  const { host: there } = new URL(other.url);
  for (const address of [
    `${other.url}/headers`,
    `//${there}/headers`,
    `\\\\${there}\\headers`,
    `\t http://${there}/headers`,
    `http://${here.replace(":", ".x:")}@${there}/headers`,
    `http://user@${there}/headers`,
    `http:\n//${there}/headers`,
  ]) {
    expect([address, await sent(address).catch(() => "refused")]).not.toEqual([address, "Bearer "]);
  }
  expect(other.passed.some(({ headers }) => headers.authorization?.startsWith("Bearer "))).toBe(false);
  expect(other.passed.length).toBeGreaterThan(2);
  named.close();
  other.close();
});

test("an Authorization header of one's own is left alone, and headers of a Request are kept", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  const own = await client.fetch("/headers", { headers: { authorization: "Basic abc" } });
  expect(await own.json()).toMatchObject({ authorization: "Basic abc" });
  const request = new Request(`${stage.proxy.url}/headers`, { headers: { "x-mine": "1" } });
  const kept: object = await (await client.fetch(request)).json();
  expect(kept).toMatchObject({ "x-mine": "1", authorization: expect.stringMatching(/^Bearer /) });
});

test("a session that was ended elsewhere is noticed by the next request", async () => {
  const stage = await makeStage();
  const { client, sessionId, states } = await stage.arrive({ events: false });
  await stage.auth.api.revokeSession({ sessionId });
  expect((await client.fetch("/api/me")).status).toBe(401);
  await pause(300);
  expect(states).toEqual(["signed-out"]);
});

test("a redirect to another origin carries nothing: no header, and no body of ours", async () => {
  const stage = await makeStage();
  const other = await startHttpProxy(stage.proxy.url);
  other.befall(() => ({ answer: { status: 200, body: "{}" } }));
  const { client, states } = await stage.arrive({ events: false });
  stage.proxy.befall(({ path }) =>
    /refresh|sign-in|headers/.test(path)
      ? { answer: { status: 307, headers: { location: other.url + path } } }
      : undefined,
  );
  await client.fetch("/headers");
  expect(other.passed.map(({ path, headers: { authorization } }) => [path, authorization])).toEqual([
    ["/headers", undefined],
  ]);
  stage.pass(3600);
  expect((await client.fetch("/api/me")).status).not.toBe(401);
  expect(await client.signIn.email({ email: "a@example.com", password })).toMatchObject({
    code: "unexpected_answer",
    status: 307,
  });
  expect(other.passed).toHaveLength(1);
  expect(states).not.toContain("signed-out");
  other.close();
});

test("whoever gives up does not wait for a renewal, neither before a request nor after its refusal", async () => {
  const stage = await makeStage({ access: { expiresIn: 2 } });
  const { client } = await stage.arrive({ events: false });
  const giveUp = async (): Promise<number> => {
    const started = performance.now();
    const signal = AbortSignal.timeout(200);
    await expect(client.fetch("/api/me", { signal })).rejects.toThrow(/abort|timeout/i);
    return performance.now() - started;
  };
  stage.proxy.befall(({ path }) => (path.endsWith("/refresh") ? { delay: 3000 } : undefined));
  // The server has forgotten the token, and the client does not know: refused, then renewed.
  stage.pass(3600);
  expect(await giveUp()).toBeLessThan(1500);
  await pause(2000);
  expect(await giveUp()).toBeLessThan(1500);
});

test("what still holds is sent, whatever becomes of its renewal; what does not is not", async () => {
  const stage = await makeStage({ access: { expiresIn: 900 } });
  const { client } = await stage.arrive({ events: false });
  // So many seconds pass for the client, and for nobody else.
  const clock = performance.now.bind(performance);
  let ahead = 0;
  const spy = vi.spyOn(performance, "now").mockImplementation(() => clock() + ahead * 1000);
  onTestFinished(() => spy.mockRestore());
  stage.proxy.befall(({ path }) => (path.endsWith("/refresh") ? { delay: 2500 } : undefined));
  const took = async (): Promise<number> => {
    const started = clock();
    expect((await client.fetch("/api/me")).status).toBe(200);
    return clock() - started;
  };
  ahead = 840;
  expect(await took()).toBeLessThan(2000);
  await vi.waitFor(() => expect(stage.asked("/api/auth/refresh")[0]?.status).toBe(200), 5000);
  ahead += 900;
  expect(await took()).toBeGreaterThan(2400);
});
