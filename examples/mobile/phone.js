// @ts-check
// An app as it would run on a phone: it keeps its tokens, knows when it is offline, and hears when it is signed out.
import { createInterface } from "node:readline";
import { createAuthClient } from "latchkey/client";
import { fileStorage } from "./file-storage.js";

const baseURL = process.env.LATCHKEY_URL ?? "http://127.0.0.1:3000";
const storage = fileStorage(process.env.PHONE_DATA ?? "data");
const client = createAuthClient({ baseURL, client: "mobile", storage });

/** @type {Record<string, (...words: string[]) => Promise<unknown>>} */
const commands = {
  "sign-up": (email = "", password = "") => client.signUp.email({ email, password }),
  "sign-in": (email = "", password = "") => client.signIn.email({ email, password }),
  "sign-out": () => client.signOut(),
  devices: () => client.listSessions(),
  me: async () => {
    const answer = await client.fetch("/api/me");
    return { status: answer.status, ...(await answer.json()) };
  },
};

function show() {
  const { status, user } = client.getSnapshot();
  console.log(`[${status}]${user === null ? "" : ` ${user.email} ${user.roles.join(" ")}`}`);
}

/** @param {string} line */
async function obey(line) {
  const [name = "", ...words] = line.trim().split(/\s+/);
  const command = commands[name];
  if (name === "") return;
  if (command === undefined) console.log(`Commands: ${Object.keys(commands).join(", ")}, quit`);
  // `fetch` throws where there is no network; the other verbs say so in their answer.
  else
    console.log(
      JSON.stringify(await command(...words).catch((error) => ({ ok: false, error: String(error) }))),
    );
}

console.log(`A phone that talks to ${baseURL}: ${Object.keys(commands).join(", ")}, quit`);
const stop = client.subscribe(show);
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  if (line.trim() === "quit") break;
  await obey(line);
}
lines.close();
stop();
