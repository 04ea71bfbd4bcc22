import { expect, test } from "vitest";
import { run, startServer, temporaryFolder } from "./run-server.ts";

const url = (stdout: string): string => /^Metrics on (\S+)$/m.exec(stdout)?.[1] ?? "";

test("--metrics-port serves what checks, cache, replica and hashing are doing, on a port of its own", async () => {
  const args = ["--db", `${temporaryFolder()}/a.db`, "--demo", "--metrics-port", "0"];
  const server = await startServer(args);
  await expect.poll(server.stdout).toContain("Metrics on ");
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${server.url}/api/auth${path}`, {
      ...init,
      headers: { "content-type": "application/json", ...headers },
    });
    return response.json();
  };
  const person = { email: "ada@example.com", password: "correct horse battery", client: "jwt-live" };
  const { accessToken, session } = await post("/sign-up/email", person);
  const authorization = `Bearer ${accessToken}`;
  const me = () => fetch(`${server.url}/api/me`, { headers: { authorization } });
  for (let i = 0; i < 20; i++) expect((await me()).status).toBe(200);
  await post("/revoke-session", { id: session.id }, { authorization });
  expect((await me()).status).toBe(401);
  const response = await fetch(url(server.stdout()));
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  const text = await response.text();
  const value = (name: string): number =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  expect(value('latchkey_checks_total{strategy="jwt-live",outcome="ok"}')).toBeGreaterThanOrEqual(20);
  expect(value('latchkey_checks_total{strategy="jwt-live",outcome="session_ended"}')).toBe(1);
  expect(value("latchkey_cache_hits_total")).toBeGreaterThan(10);
  expect(value("latchkey_replica_lag_seconds")).toBeLessThan(2);
  expect(value("latchkey_replica_sessions")).toBe(1);
  expect(value("latchkey_revocation_latency_seconds_count")).toBeGreaterThanOrEqual(1);
  expect(value("latchkey_hashes_waiting")).toBe(0);
  expect(value("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(text).not.toContain(String(accessToken).slice(-20));
  expect((await fetch(`${server.url}/metrics`)).status, "where people sign in").toBe(404);
  expect((await fetch(url(server.stdout()).replace("/metrics", "/"))).status).toBe(404);
  expect(await server.stop()).toBe(0);
});

test("without it there are none, and a port in use stops the start", async () => {
  const first = await startServer(["--db", `${temporaryFolder()}/a.db`]);
  expect(first.stdout()).not.toContain("Metrics");
  const { port } = new URL(first.url);
  const second = run(["serve", "--port", "0", "--db", `${temporaryFolder()}/b.db`, "--metrics-port", port]);
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toMatch(new RegExp(`Metrics port ${port} .*in use.*--metrics-port`));
});
