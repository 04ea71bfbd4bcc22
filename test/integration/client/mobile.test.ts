import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startServer, temporaryFolder } from "../server/run-server.ts";

const example = fileURLToPath(new URL("../../../examples/mobile", import.meta.url));

/** Starts the example as its README says. */
function startPhone(url: string, data: string) {
  const { scripts }: { scripts: { start: string } } = JSON.parse(
    readFileSync(join(example, "package.json"), "utf8"),
  );
  const [, ...args] = scripts.start.split(" ");
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: example,
    env: { PATH: process.env.PATH, LATCHKEY_URL: url, PHONE_DATA: data },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const end = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "close");
  };
  onTestFinished(() => end());
  return {
    child,
    end,
    type: (line: string) => child.stdin?.write(`${line}\n`),
    shows: (wanted: RegExp, timeout = 10_000) =>
      expect.poll(() => shown, { timeout, interval: 20 }).toMatch(wanted),
    forget: () => {
      shown = "";
    },
  };
}

test("the example: signs up, is killed and still signed in, goes offline and back, is signed out from elsewhere", {
  timeout: 90_000,
}, async () => {
  const folder = temporaryFolder();
  const data = join(folder, "phone");
  const database = ["--db", join(folder, "a.db")];
  const server = await startServer(database);
  const { port } = new URL(server.url);
  const first = startPhone(server.url, data);
  await first.shows(/^\[signed-out\]$/m);
  first.type("sign-up ada@example.com correct-horse-battery");
  await first.shows(/^\[authenticated\] ada@example\.com/m);
  await first.shows(/^\{"ok":true,"user"/m);
  for (const name of readdirSync(data)) expect(statSync(join(data, name)).mode & 0o077).toBe(0);
  await first.end();

  const phone = startPhone(server.url, data);
  await phone.shows(/^\[authenticated\] ada@example\.com/m);
  phone.type("devices");
  await phone.shows(/"current":true/);
  phone.forget();
  await server.stop();
  await phone.shows(/^\[offline\] ada@example\.com/m);
  const again = await startServer([...database, "--port", port]);
  await phone.shows(/^\[authenticated\] ada@example\.com/m, 40_000);

  phone.forget();
  const post = (path: string, body: object, headers = {}): Promise<Response> =>
    fetch(`${again.url}/api/auth${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const input = { email: "ada@example.com", password: "correct-horse-battery", client: "mobile" };
  const { accessToken }: { accessToken: string } = await (await post("/sign-in/email", input)).json();
  const authorization = `Bearer ${accessToken}`;
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const started = performance.now();
  expect((await post("/revoke-other-sessions", {}, { authorization })).status).toBe(200);
  await phone.shows(/^\[signed-out\]$/m, 3000);
  process.stdout.write(`the phone was signed out after ${Math.round(performance.now() - started)} ms\n`);
  phone.type("quit");
  const [code] = await once(phone.child, "close");
  expect(code).toBe(0);
});
