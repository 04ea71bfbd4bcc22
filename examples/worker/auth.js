import { latchkey } from "latchkey";
import { redisRestStore } from "latchkey/redis-rest";
import { hasher } from "./hasher.js";

/**
 * @typedef {object} Env
 * @property {string} LATCHKEY_SECRET
 * @property {string} REDIS_URL of the REST interface
 * @property {string} REDIS_TOKEN
 * @property {string} [BASE_URL] where people find the application; required in production
 */

/** @param {Env} env */
export function makeAuth({ LATCHKEY_SECRET, REDIS_URL, REDIS_TOKEN, BASE_URL }) {
  return latchkey({
    secret: LATCHKEY_SECRET,
    ...(BASE_URL === undefined ? {} : { baseURL: BASE_URL }),
    store: redisRestStore({ url: REDIS_URL, token: REDIS_TOKEN }),
    clients: {
      web: { transport: "cookie", strategy: "session-live" },
      mobile: { transport: "bearer", strategy: "jwt-live" },
    },
    roles: { admin: ["*"], editor: ["note:write"] },
    passwords: { hasher },
    logger: console,
  });
}
