// @ts-check
// What `npm run bench:http` compares.

/**
 * @typedef {object} Variant
 * @property {string} framework
 * @property {string} name
 * @property {string} guard what stands before the route
 * @property {string} [headersOf] the variant whose people ask; its own where it says nothing
 * @property {boolean} [isPeer] another library
 * @property {number} [revocations] that are known where it runs
 */

const strategies = ["jwt-live", "session-live"];

/**
 * For each framework and strategy what is asked with the very same headers: bare, one that reads the header and looks
 * nothing up, a look-up by hand, the strategy, and the strategy where much was revoked.
 *
 * @param {number} revocations
 * @returns {Variant[]}
 */
function ours(revocations) {
  const all = ["node", "hono", "fastify"].flatMap((framework) =>
    strategies.flatMap((strategy) => [
      { framework, name: `bare, header of ${strategy}`, guard: "bare", headersOf: strategy },
      { framework, name: `header read, ${strategy}`, guard: "header", headersOf: strategy },
      { framework, name: `Map by hand, ${strategy}`, guard: `map-${strategy}` },
      { framework, name: strategy, guard: strategy },
      { framework, name: `${strategy}, revocations held`, guard: strategy, revocations },
    ]),
  );
  return [...all, ...around];
}

/** In Hono a middleware costs more than what it does: the same around the handler, and the look-up within it. */
const around = strategies.flatMap((strategy) => [
  { framework: "hono", name: `Map in the handler, ${strategy}`, guard: `map-${strategy}, in the handler` },
  { framework: "hono", name: `${strategy}, withAuth`, guard: `${strategy}, withAuth` },
]);

const peers = {
  hono: [
    "jose",
    "hono/jwt",
    "iron-session",
    "better-auth, SQLite",
    "better-auth, cookie cache",
    "better-auth, Redis",
  ],
  fastify: ["@fastify/jwt", "@fastify/jwt, cache", "@fastify/session, Redis"],
  koa: ["bare", "koa-jwt", "koa-jwt, Redis look-up"],
  express: ["bare", "express-session, Redis"],
};

/** @param {number} revocations @returns {Variant[]} */
export function allVariants(revocations) {
  const others = Object.entries(peers).flatMap(([framework, guards]) =>
    guards.map((guard) => ({ framework, name: guard, guard, isPeer: true })),
  );
  return [...ours(revocations), ...others];
}
