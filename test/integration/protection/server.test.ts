import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RunningServer, run, startServer, temporaryFolder } from "../server/run-server.ts";
import { Visitor } from "../server/visitor.ts";

const password = "correct horse battery";
const inMemory = ["--db", ":memory:"];

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(
  { url }: RunningServer,
  body: object,
  headers: Record<string, string> = {},
  path = "/api/auth/sign-in/email",
): Promise<Answer> {
  const response = await fetch(url + path, {
    method: "POST",
    body: JSON.stringify({ client: "mobile", ...body }),
    headers: { "content-type": "application/json", ...headers },
  });
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, body: (await response.json()) as Answer["body"] };
}

async function signUp(server: RunningServer, email: string): Promise<Answer["body"]> {
  const answer = await post(server, { email, password }, {}, "/api/auth/sign-up/email");
  expect(answer.status).toBe(201);
  return answer.body;
}

function configure(settings: object): string[] {
  const file = join(temporaryFolder(), "latchkey.json");
  writeFileSync(file, JSON.stringify(settings));
  return [...inMemory, "--config", file];
}

test("a hundred guesses with another X-Forwarded-For each are stopped, and what Retry-After says is true", async () => {
  const rateLimit = { perIp: { failures: 20, window: 3 } };
  const server = await startServer(configure({ rateLimit }));
  const statuses: number[] = [];
  let last: Answer | undefined;
  for (let time = 0; time < 100 && last?.status !== 429; time++) {
    const headers = { "x-forwarded-for": `198.51.100.${time}`, forwarded: `for=198.51.100.${time}` };
    last = await post(server, { email: `user${time}@example.com`, password: "a guess" }, headers);
    statuses.push(last.status);
  }
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
  expect(last?.body).toMatchObject({ code: "rate_limited" });
  const wait = Number(last?.retryAfter);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(3);
  await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  expect((await post(server, { email: "other@example.com", password: "a guess" })).status).toBe(401);
});

test("behind a trusted proxy each client has its own count, and its own address in the device list", async () => {
  const rateLimit = { perIp: { failures: 3 } };
  const server = await startServer(configure({ rateLimit, trustedProxies: ["127.0.0.0/8", "::1"] }));
  await signUp(server, "ada@example.com");
  const guess = (time: number, forwarded: string) =>
    post(server, { email: `u${time}@example.com`, password: "a guess" }, { "x-forwarded-for": forwarded });
  const statuses: number[] = [];
  for (let time = 0; time < 5; time++)
    statuses.push((await guess(time, `6.6.6.${time}, 2001:db8:1:2:${time}::9`)).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  const right = { email: "ada@example.com", password };
  const other = await post(server, right, { "x-forwarded-for": "2001:db8:1:3::9" });
  expect(other).toMatchObject({ status: 200, body: { session: { ip: "2001:db8:1:3::9" } } });
});

test("a person who is known is let in while strangers guess: by token, by cookie, and on the pages", async () => {
  const server = await startServer(configure({ rateLimit: { perAccount: { attempts: 3 } } }));
  const { deviceToken } = await signUp(server, "ada@example.com");
  const form = { email: "ada@example.com", password, next: "/account" };
  const known = new Visitor(server.url);
  expect((await known.post("/sign-in", form)).status).toBe(303);
  await known.post("/sign-out", {});
  expect(known.cookie, "what is left").toMatch(/^latchkey-device=lkd_[\w.-]+$/);

  const right = { email: "ada@example.com", password };
  for (let time = 0; time < 5; time++) await post(server, { ...right, password: "a guess" });
  expect((await post(server, right)).status).toBe(429);
  expect((await post(server, { ...right, deviceToken })).status).toBe(200);
  expect((await known.post("/sign-in", form)).status).toBe(303);
  const stranger = await new Visitor(server.url).post("/sign-in", form);
  expect(stranger.status).toBe(429);
  expect(stranger.headers.get("retry-after")).toMatch(/^(2\d|30)$/);
  expect(await stranger.text()).toMatch(/Too many attempts\. Try again in \d+ seconds\./);
});

describe("--rate-limit off", () => {
  test("stops nobody, and says so on standard output and in the log", async () => {
    const server = await startServer([...inMemory, "--rate-limit", "off"]);
    const statuses = new Set<number>();
    for (let time = 0; time < 60; time++)
      statuses.add((await post(server, { email: "ada@example.com", password: "a guess" })).status);
    expect([...statuses]).toEqual([401]);
    await expect.poll(server.stdout).toMatch(/^Warning: rate limits are off\./m);
    expect(server.stderr()).toMatch(/"level":"warn".*"msg":"rate limits are off/);
  });

  test("as a setting of the file, which the flag goes before", async () => {
    const args = configure({ rateLimit: false });
    const off = await startServer(args);
    // What follows the line that the server listens may come a moment later.
    await expect.poll(off.stdout).toContain("Warning: rate limits are off.");
    const on = await startServer([...args, "--rate-limit", "on"]);
    expect(on.stdout()).not.toContain("rate limits");
    expect(on.stderr()).not.toContain("rate limits");
  });
});

test.each([
  [{ perIp: { failuers: 3 } }, [], /rateLimit\.perIp\.failuers.*use window, failures/],
  [{ perAccount: { attempts: 0 } }, [], /rateLimit\.perAccount\.attempts.*at least 1/],
  ["off", [], /rateLimit.*give an object with perAccount, perIp/],
  [{}, "10.0.0.1", /trustedProxies.*give a list/],
  [{}, ["10.0.0.0/40"], /trustedProxies: "10\.0\.0\.0\/40" is no address/],
])("limits %j and proxies %j are a mistake", async (rateLimit, trustedProxies, message) => {
  const { ended, stderr } = run(["serve", "--port", "0", ...configure({ rateLimit, trustedProxies })]);
  expect(await ended).toBe(2);
  expect(stderr()).toMatch(message);
});

test("--rate-limit maybe is a mistake", async () => {
  const { ended, stderr } = run(["serve", "--port", "0", ...inMemory, "--rate-limit", "maybe"]);
  expect(await ended).toBe(2);
  expect(stderr()).toMatch(/--rate-limit.*"maybe".*use on or off/);
});
