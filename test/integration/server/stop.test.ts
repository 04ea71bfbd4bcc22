import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";

const body = JSON.stringify({ email: "ada@example.org", password: "correct horse staple", client: "mobile" });

/** A sign-up of which only half has been sent: in flight for as long as we like. */
async function halfSignUp(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  const head = [
    "POST /api/auth/sign-up/email HTTP/1.1",
    `Host: ${hostname}:${port}`,
    "Content-Type: application/json",
  ];
  socket.write([...head, `Content-Length: ${body.length}`, "", body.slice(0, 10)].join("\r\n"));
  return { socket, answer: () => answer, finish: () => socket.write(body.slice(10)) };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: finishes what runs, takes nothing new, exits with 0`, async () => {
    const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
    const slow = await halfSignUp(server.url);
    await wait(100);
    server.child.kill(signal);
    await expect
      .poll(() =>
        fetch(server.url).then(
          () => "answered",
          () => "refused",
        ),
      )
      .toBe("refused");
    expect(server.child.exitCode).toBeNull();
    slow.finish();
    await expect.poll(slow.answer, { timeout: 5_000 }).toMatch(/^HTTP\/1\.1 201 /);
    expect(await server.ended).toBe(0);
  });
}

test("connections that idle do not delay the end", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  await (await fetch(`${server.url}/api/auth/ok`)).text();
  const started = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("a second signal ends it at once; an echo of the first does not", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  const slow = await halfSignUp(server.url);
  await wait(100);
  server.child.kill("SIGINT");
  server.child.kill("SIGTERM");
  await wait(500);
  expect(server.child.exitCode).toBeNull();
  server.child.kill("SIGINT");
  expect(await server.ended).toBe(1);
  slow.socket.destroy();
});

test("open streams of events do not delay the end", async () => {
  const server = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  const headers = { "content-type": "application/json" };
  const signUp = await fetch(`${server.url}/api/auth/sign-up/email`, { method: "POST", headers, body });
  const { sessionToken, accessToken }: { sessionToken?: string; accessToken?: string } = await signUp.json();
  const authorization = `Bearer ${sessionToken ?? accessToken}`;
  const stream = await fetch(`${server.url}/api/auth/events`, { headers: { authorization } });
  expect(stream.status).toBe(200);
  const text = stream.text();
  const started = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(await text).toMatch(/^event: session$/m);
});
