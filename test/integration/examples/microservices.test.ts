import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Program, startProgram } from "../../support/servers/program.ts";
import { Visitor } from "../adapters/visitor.ts";

const admin = { email: "root@example.com", password: "the password of whoever is in charge" };
const password = "correct horse battery staple";
const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
const example = (script: string): string => `examples/microservices/${script}`;
const secret = (): string => randomBytes(32).toString("base64url");
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let people = 0;

interface Town {
  readonly auth: Program;
  readonly orders: Program;
  readonly stock: Program;
}

async function startTown(database: string): Promise<Town> {
  const [ORDERS_SECRET, STOCK_SECRET] = [secret(), secret()];
  const auth = await startProgram(example("auth-server.js"), {
    ...{ PORT: "0", DATABASE: join(folder, database), ORDERS_SECRET, STOCK_SECRET },
    ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
  });
  const ISSUER = `${auth.url}/api/auth`;
  const stock = await startProgram(example("stock.js"), { ISSUER, CLIENT_SECRET: STOCK_SECRET });
  const STOCK_URL = stock.url;
  const orders = await startProgram(example("orders.js"), {
    ISSUER,
    STOCK_URL,
    CLIENT_SECRET: ORDERS_SECRET,
  });
  return { auth, orders, stock };
}

let town: Town;
beforeAll(async () => {
  town = await startTown("a.db");
});
afterAll(async () => {
  await Promise.all([town.orders.stop(), town.stock.stop()]);
  await town.auth.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Somebody's token, and how the services answer to it. */
async function arrive({ auth, orders, stock }: Town, person?: typeof admin) {
  const visitor = new Visitor(auth.url, "app", "bearer");
  const email = `person-${people++}@example.com`;
  const { json } = await (person ? visitor.signIn(person) : visitor.signUp({ email, password }));
  const { user, accessToken } = json as { user: { id: string }; accessToken: string };
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  const order = (body: object): Promise<Response> =>
    fetch(`${orders.url}/orders`, { method: "POST", headers, body: JSON.stringify(body) });
  const both = async (): Promise<number[]> => {
    const answers = [fetch(`${orders.url}/orders`, { headers }), fetch(`${stock.url}/stock`, { headers })];
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  return { id: user.id, visitor, order, both };
}

test("each service checks tokens by itself; a new role counts with the old token, also from service to service", async () => {
  const [ada, root] = [await arrive(town), await arrive(town, admin)];
  expect(await ada.both()).toEqual([200, 200]);
  expect((await ada.order({ item: "apples", count: 2 })).status).toBe(403);
  const change = { userId: ada.id, roles: ["buyer"] };
  expect((await root.visitor.post("/api/auth/admin/set-role", change)).status).toBe(200);
  await expect.poll(async () => (await ada.order({ item: "apples", count: 2 })).status).toBe(201);
  expect((await ada.order({ item: "apples", count: 2000 })).status).toBe(409);
  const stranger = await fetch(`${town.stock.url}/stock`, { headers: { authorization: "Bearer nonsense" } });
  expect([stranger.status, stranger.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
});

test("a ban reaches both: with a receipt, no check that begins afterwards accepts the token", async () => {
  const [eve, root] = [await arrive(town), await arrive(town, admin)];
  expect(await eve.both()).toEqual([200, 200]);
  const banned = await root.visitor.post("/api/auth/admin/ban-user?confirm=true", { userId: eve.id });
  expect(banned.json?.receipt).toMatchObject({ verifiers: 3, confirmed: 3, complete: true });
  expect(await eve.both()).toEqual([401, 401]);
  expect(await root.both()).toEqual([200, 200]);
});

test("without the auth server they go on for maxStaleness and then answer 503", async () => {
  const other = await startTown("b.db");
  onTestFinished(async () => {
    await Promise.all([other.orders.stop(), other.stock.stop(), other.auth.stop()]);
  });
  const ada = await arrive(other);
  expect(await ada.both()).toEqual([200, 200]);
  other.auth.child.kill("SIGKILL");
  await pause(300);
  expect(await ada.both()).toEqual([200, 200]);
  await pause(2200);
  expect(await ada.both()).toEqual([503, 503]);
});

test("npm start starts all three and stops them together", async () => {
  const DATABASE = join(folder, "c.db");
  const program = await startProgram(example("start.js"), {
    ...{ DATABASE, AUTH_PORT: "0", ORDERS_PORT: "0", STOCK_PORT: "0" },
  });
  await expect.poll(program.output, { timeout: 10_000 }).toContain("All are up.");
  const urls = [...program.output().matchAll(/on (http:\S+)/g)].map(([, url]) => url);
  expect(urls).toHaveLength(3);
  expect(await program.stop()).toBe(0);
  for (const url of urls) await expect(fetch(`${url}/`)).rejects.toThrow();
});

test("the auth server can be stopped alone: npm start says how", async () => {
  const DATABASE = join(folder, "d.db");
  const program = await startProgram(example("start.js"), {
    ...{ DATABASE, AUTH_PORT: "0", ORDERS_PORT: "0", STOCK_PORT: "0" },
  });
  onTestFinished(async () => void (await program.stop()));
  await expect.poll(program.output, { timeout: 10_000 }).toMatch(/the auth server alone: kill \d+/);
  const [auth = "", stock = ""] = [...program.output().matchAll(/on (http:\S+)/g)].map(([, url]) => url);
  const visitor = new Visitor(auth, "app", "bearer");
  const { json } = await visitor.signUp({ email: "ada@example.com", password });
  const headers = { authorization: `Bearer ${(json as { accessToken: string }).accessToken}` };
  const status = async (): Promise<number> => (await fetch(`${stock}/stock`, { headers })).status;
  expect(await status()).toBe(200);
  process.kill(Number(/kill (\d+)/.exec(program.output())?.[1]));
  await expect.poll(status, { timeout: 5000 }).toBe(503);
  expect(await program.stop()).toBe(0);
});

test("npm start where a port is taken says so once, and leaves nothing running", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void holder.close());
  await once(holder, "listening");
  const ORDERS_PORT = String((holder.address() as AddressInfo).port);
  const DATABASE = join(folder, "e.db");
  const program = await startProgram(example("start.js"), {
    ...{ DATABASE, AUTH_PORT: "0", ORDERS_PORT, STOCK_PORT: "0" },
  });
  const [code] = program.child.exitCode === null ? await once(program.child, "close") : [0];
  expect(code).toBe(1);
  expect(program.output()).toContain("orders.js did not start; the lines above say why");
  expect(program.output().match(/^\w*Error/gm)).toEqual(["Error"]);
  for (const [, url] of program.output().matchAll(/on (http:\S+)/g))
    await expect(fetch(`${url}/`)).rejects.toThrow();
});

test("a service with another secret does not start, and says what is missing", async () => {
  const wrong = { ISSUER: `${town.auth.url}/api/auth`, CLIENT_SECRET: secret() };
  await expect(startProgram(example("stock.js"), wrong)).rejects.toThrow(
    /gives no token \(401\) to the service "stock": in its `services` it needs/,
  );
  await expect(
    startProgram(example("stock.js"), { ...wrong, ISSUER: "http://127.0.0.1:9/api/auth" }),
  ).rejects.toThrow("http://127.0.0.1:9/api/auth does not answer");
});

test("what is no order is said to be none", async () => {
  const root = await arrive(town, admin);
  for (const body of [{}, { item: "apples", count: "2" }, [], "apples"])
    expect((await root.order(body as object)).status).toBe(400);
});
