// @ts-check
// `node --expose-gc bench/scale/memory.js replica 100000`: what so many entries take, alone in a process.
import { memoryStore } from "latchkey/memory";
import { makeAuth, signUp, until, withRevocations } from "../lib/people.js";

const [what, size = "0"] = process.argv.slice(2);
const count = Number(size);
const used = () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

if (what === "replica") {
  const auth = makeAuth(withRevocations(memoryStore(), count));
  const before = used();
  await auth.start();
  await until(() => (auth.stats().replica.sessions ?? 0) >= count);
  // What was read is garbage by now.
  await new Promise((next) => setTimeout(next, 100));
  console.log(JSON.stringify({ bytes: used() - before, table: auth.stats().replica.bytes }));
  await auth.close();
} else {
  const auth = makeAuth(memoryStore(), { revocation: { maxStaleness: 60, cacheSize: count } });
  const tokens = await signUp(auth, what === "jwt" ? "jwt-live" : "live", count);
  const before = used();
  for (let i = 0; i < count; i++) {
    // A new string, as a header's: what the cache keeps of it is the cache's.
    const header = `Bearer ${Buffer.from(tokens[i] ?? "").toString("latin1")}`;
    const result = await auth.authenticate({
      method: "GET",
      headers: { get: (name) => (name === "authorization" ? header : null) },
    });
    if (!result.ok) throw new Error(result.code);
  }
  if (auth.stats().cache.size < count * 0.99) throw new Error("the cache does not hold them");
  console.log(JSON.stringify({ bytes: used() - before }));
  await auth.close();
}
