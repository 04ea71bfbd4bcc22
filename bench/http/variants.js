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
 * @property {boolean} [isSlow] a request takes long by itself
 * @property {number} [revocations] that are known where it runs
 */

const strategies = ["jwt-live", "session-live"];

/** Where a request takes long by itself, what makes a small difference is not asked. */
const frameworks = [
  { framework: "node", isSlow: false },
  { framework: "hono", isSlow: false },
  { framework: "fastify", isSlow: false },
  { framework: "koa", isSlow: false },
  { framework: "express", isSlow: true },
  { framework: "next", isSlow: true },
];

/** @template One @param {boolean} condition @param {One} one */
const only = (condition, one) => (condition ? [one] : []);

/**
 * For each framework and strategy what is asked with the very same headers: bare, one that reads the header and looks
 * nothing up, a look-up by hand, the strategy, and the strategy where much was revoked.
 *
 * @param {number} revocations
 * @returns {Variant[]}
 */
function ours(revocations) {
  return frameworks.flatMap(({ framework, isSlow }) =>
    strategies.flatMap((strategy) =>
      [
        { name: `bare, header of ${strategy}`, guard: "bare", headersOf: strategy, floor: bare },
        ...only(!isSlow, { name: `header read, ${strategy}`, guard: "header", headersOf: strategy }),
        { name: `Map by hand, ${strategy}`, guard: `map-${strategy}`, floor: map },
        { name: strategy, guard: strategy },
        ...only(!isSlow, { name: `${strategy}, revocations held`, guard: strategy, revocations }),
      ].map((it) => ({ framework, isSlow, group: strategy, ...it })),
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
    { framework, group: "others", name: "bare", guard: "bare", headersOf: guards[0], floor: bare },
    ...guards.map((guard) => ({ framework, group: "others", name: guard, guard, isPeer: true })),
  ]);
  return [...ours(revocations), ...around(revocations), ...others];
}
