// Makes the first administrator, from any machine that reaches the store. Does nothing if the address is taken.
import { makeAuth } from "./auth.js";

const { ADMIN_EMAIL, ADMIN_PASSWORD, LATCHKEY_SECRET, REDIS_URL, REDIS_TOKEN } = process.env;
if (!ADMIN_EMAIL || !ADMIN_PASSWORD || !LATCHKEY_SECRET || !REDIS_URL || !REDIS_TOKEN)
  throw new Error("Set ADMIN_EMAIL, ADMIN_PASSWORD, LATCHKEY_SECRET, REDIS_URL and REDIS_TOKEN.");

const auth = makeAuth({ LATCHKEY_SECRET, REDIS_URL, REDIS_TOKEN });
const result = await auth.api.createUser({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD, roles: ["admin"] });
console.log(result.ok ? `${ADMIN_EMAIL} is in charge.` : `Not made: ${result.code}.`);
await auth.close();
