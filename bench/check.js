// @ts-check
// What a check costs: 1,000 sequential ones a round, beside floors measured in the same rounds.
import { createHmac, createPublicKey, createSecretKey, randomBytes, verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { measure, median } from "./rounds.js";

const size = { rounds: 15, operations: 1000 };
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
const file = join(folder, "bench.db");

/** @param {"EdDSA" | "HS256"} algorithm */
function makeAuth(algorithm) {
  return latchkey({
    secret: "a secret of the benchmark, 32 characters",
    store: sqliteStore(file),
    clients: {
      session: { transport: "bearer", strategy: "session" },
      jwt: { transport: "bearer", strategy: "jwt" },
    },
    keys: { algorithm },
  });
}

/**
 * Signs in and returns the token.
 *
 * @param {import("latchkey").Auth} auth
 * @param {string} client
 */
async function signIn(auth, client) {
  const answer = await auth.api.signInEmail({ ...person, client });
  if (!answer.ok || answer.credentials.transport !== "bearer") throw new Error("no sign-in");
  const { credentials } = answer;
  return "sessionToken" in credentials ? credentials.sessionToken : credentials.accessToken;
}

/**
 * A request whose header is a new string each time, as a server's is: nothing of it was hashed before.
 *
 * @param {string} token
 */
function makeRequest(token) {
  const bytes = Buffer.from(`Bearer ${token}`, "latin1");
  return () => {
    const header = bytes.latin1Slice();
    return {
      method: "GET",
      headers: { get: (/** @type {string} */ name) => (name === "authorization" ? header : null) },
    };
  };
}

/**
 * @param {import("latchkey").Auth} auth
 * @param {string} token
 */
function check(auth, token) {
  const request = makeRequest(token);
  return () => auth.authenticate(request());
}

/** The floors: the least that any code must do for the same answer. */
function floors(/** @type {string} */ sessionToken, /** @type {string} */ jwt) {
  const database = new Database(file, { timeout: 0 });
  const select = database.prepare("SELECT * FROM latchkey_sessions WHERE id = ?").raw();
  const id = sessionToken.slice(4, 26);
  const secret = createSecretKey(randomBytes(32));
  const input = Buffer.from(jwt.slice(0, jwt.lastIndexOf(".")), "latin1");
  const signature = Buffer.from(jwt.slice(jwt.lastIndexOf(".") + 1), "base64url");
  return {
    select: () => select.get(id),
    hmac: () => createHmac("sha256", secret).update(input.latin1Slice()).digest(),
    input,
    signature,
  };
}

const person = { email: "bench@example.com", password: "a password of the benchmark" };

async function main() {
  const [auth, hs] = [makeAuth("EdDSA"), makeAuth("HS256")];
  await auth.api.createUser(person);
  const [sessionToken, eddsa] = [await signIn(auth, "session"), await signIn(auth, "jwt")];
  const hs256 = await signIn(hs, "jwt");
  const floor = floors(sessionToken, eddsa);
  const response = await auth.handler(new Request("http://localhost/api/auth/jwks"));
  const { keys } = /** @type {{ keys: import("node:crypto").JsonWebKey[] }} */ (await response.json());
  const publicKey = createPublicKey({ key: keys[0] ?? {}, format: "jwk" });
  const cases = [
    { name: "bare SQLite SELECT", run: floor.select },
    { name: "bare HMAC-SHA-256", run: floor.hmac },
    { name: "bare Ed25519 verify", run: () => verify(null, floor.input, publicKey, floor.signature) },
    { name: "session over SQLite", floor: "bare SQLite SELECT", run: check(auth, sessionToken) },
    { name: "jwt, HS256", floor: "bare HMAC-SHA-256", run: check(hs, hs256) },
    { name: "jwt, EdDSA", floor: "bare Ed25519 verify", run: check(auth, eddsa) },
  ];
  for (const { name, run } of cases) await refuseEmpty(name, run);
  print(cases, await measure(cases, size));
  await Promise.all([auth.close(), hs.close()]);
}

/**
 * A benchmark of refusals would be fast and worth nothing.
 *
 * @param {string} name
 * @param {() => unknown} run
 */
async function refuseEmpty(name, run) {
  const result = await run();
  const refused = typeof result === "object" && result !== null && "ok" in result && !result.ok;
  if (!result || refused) throw new Error(`${name} does not do what it should: ${JSON.stringify(result)}`);
}

/**
 * @param {readonly import("./rounds.js").Case[]} cases
 * @param {Map<string, number[]>} results
 */
function print(cases, results) {
  const of = (/** @type {string} */ name) => median(results.get(name) ?? []);
  console.log(`${size.operations} sequential checks a round, ${size.rounds} rounds, microseconds a check`);
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}\n`);
  for (const { name, floor } of cases) {
    const all = results.get(name) ?? [];
    const range = `${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)}`;
    const ratio = floor === undefined ? "" : `${(of(name) / of(floor)).toFixed(2)} × ${floor}`;
    console.log(
      `${name.padEnd(22)} ${of(name).toFixed(2).padStart(8)}   ${range.padEnd(16)} ${ratio}`.trimEnd(),
    );
  }
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
