import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startProgram } from "../../support/servers/program.ts";
import { scenario, takeFile } from "../adapters/scenario.ts";

const admin = { email: "root@example.com", password: "the password of whoever is in charge" };

const clients = [
  { client: "web", transport: "cookie", strategy: "session-live" },
  { client: "mobile", transport: "bearer", strategy: "jwt-live" },
] as const;

describe.each(["express", "koa", "fastify", "hono"])("examples/%s", (name) => {
  test.each(clients)("$strategy by $transport", async (client) => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const database = join(folder, "app.db");
    const { url, stop } = await startProgram(`examples/${name}/server.js`, {
      PORT: "0",
      DATABASE: database,
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
    });
    onTestFinished(async () => void (await stop()));
    await scenario({
      ...client,
      baseURL: url,
      takeStore: () => takeFile(database),
      admin,
      maxStaleness: 2,
      accessExpiresIn: 900,
      hasBroken: false,
    });
    const bringBack = takeFile(database);
    const form = new URLSearchParams(admin);
    const headers = { "sec-fetch-site": "same-origin", origin: url };
    const signIn = await fetch(`${url}/sign-in`, { method: "POST", body: form, headers, redirect: "manual" });
    expect([signIn.status, signIn.headers.get("retry-after")]).toEqual([503, "1"]);
    bringBack();
    expect(await stop(), "it ends by itself when it is asked to").toBe(0);
  });
});

test.each(["express", "koa", "fastify", "hono", "live"])(
  "examples/%s says so where the port is taken, and does not claim to listen",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const holder = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void holder.close());
    await once(holder, "listening");
    const PORT = String((holder.address() as AddressInfo).port);
    const DATABASE = join(folder, "app.db");
    const started = startProgram(`examples/${name}/server.js`, { PORT, DATABASE });
    await expect(started).rejects.toThrow(`EADDRINUSE: address already in use 127.0.0.1:${PORT}`);
  },
);

test.each(["express", "koa", "fastify", "hono", "live"])(
  "examples/%s does not start without the administrator that it was told to make",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const env = { PORT: "0", DATABASE: join(folder, "app.db"), ADMIN_EMAIL: admin.email };
    const script = `examples/${name}/server.js`;
    await expect(startProgram(script, { ...env, ADMIN_PASSWORD: "short" })).rejects.toThrow(
      "no administrator was made: password_too_short",
    );
    for (const _ of ["made", "there already"]) {
      const started = await startProgram(script, { ...env, ADMIN_PASSWORD: admin.password });
      expect(await started.stop()).toBe(0);
    }
  },
);
