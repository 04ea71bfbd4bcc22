// @ts-check
// What `npm run bench:http` compares.

/**
 * @typedef {object} Variant
 * @property {string} framework
 * @property {string} group the variants of one group are compared with each other, and are under load together
 * @property {string} name
 * @property {string} guard what stands before the route
 * @property {string} [headersOf] the variant whose people ask; its own where it says nothing
 * @property {"bare" | "map"} [floor] what the others of its group are held against
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
  return ["node", "hono", "fastify"].flatMap((framework) =>
    strategies.flatMap((strategy) =>
      [
        { name: `bare, header of ${strategy}`, guard: "bare", headersOf: strategy, floor: bare },
        { name: `header read, ${strategy}`, guard: "header", headersOf: strategy },
        { name: `Map by hand, ${strategy}`, guard: `map-${strategy}`, floor: map },
        { name: strategy, guard: strategy },
        { name: `${strategy}, revocations held`, guard: strategy, revocations },
      ].map((it) => ({ framework, group: strategy, ...it })),
    ),
  );
}

const bare = /** @type {const} */ ("bare");
const map = /** @type {const} */ ("map");

/**
 * In Hono a middleware costs more than what it does: the same around the handler, and the look-up within it.
 *
 * @param {number} revocations
 * @returns {Variant[]}
 */
function around(revocations) {
  return strategies.flatMap((strategy) => {
    const name = `${strategy}, withAuth`;
    return [
      { name: `bare, beside ${name}`, guard: "bare", headersOf: name, floor: bare },
      { name: `Map in the handler, ${strategy}`, guard: `map-${strategy}, in the handler`, floor: map },
      { name, guard: name },
      { name: `${name}, revocations held`, guard: name, revocations },
    ].map((it) => ({ framework: "hono", group: name, ...it }));
  });
}

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
  koa: ["koa-jwt", "koa-jwt, Redis look-up"],
  express: ["express-session, Redis"],
};

/** @param {number} revocations @returns {Variant[]} */
export function allVariants(revocations) {
  const others = Object.entries(peers).flatMap(([framework, guards]) => [
    { framework, group: "others", name: "bare", guard: "bare", floor: bare },
    ...guards.map((guard) => ({ framework, group: "others", name: guard, guard, isPeer: true })),
  ]);
  return [...ours(revocations), ...around(revocations), ...others];
}
