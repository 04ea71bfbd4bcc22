// @ts-check
// Who may import whom in packages/latchkey/src. A room is a folder or file at the top of it. The rule behind the
// table is in one line: request → read → token → strategy → write → response, and nothing looks back.

const leaves = ["types", "errors", "lib"];
const strings = ["read", "token", "write"];
const decisions = ["strategy", "replica", "protection", "session", "user"];

/**
 * For each room the rooms it may import, besides itself. Rooms of one tier may import each other; their files may
 * not do so in a circle. An entry with a slash is one file; one that begins with "type " allows type-only imports.
 *
 * @type {Record<string, string[]>}
 */
export const mayImport = {
  types: leaves,
  errors: leaves,
  lib: leaves,
  read: [...leaves, ...strings],
  token: [...leaves, ...strings],
  write: [...leaves, ...strings],
  strategy: [...leaves, ...strings, ...decisions],
  replica: [...leaves, ...strings, ...decisions],
  protection: [...leaves, ...strings, ...decisions],
  session: [...leaves, ...strings, ...decisions],
  user: [...leaves, ...strings, ...decisions],
  options: leaves,
  // The pipeline's one meeting point. It hands the routes what they need, so it knows them too.
  auth: [...leaves, ...strings, ...decisions, "options", "http"],
  http: [...leaves, ...strings, ...decisions, "auth"],
  adapter: [...leaves, ...strings, ...decisions, "auth", "http"],
  // A store knows its driver and the words we share, so that anyone can write another one.
  store: leaves,
  // What runs in a browser or in another service must not pull in the server's half.
  client: leaves,
  verifier: [...leaves, ...strings, "replica"],
  // Published for other people's tests.
  testing: [...leaves, "store/contract", "store/contract/stage/assert", "type auth"],
};

/** The one file that names every room for the outside: it may import any of them, and does nothing else. */
export const publicIndex = "index.ts";

/** Files that the package publishes under a name of their own although they may only pass on what others define. */
export const publicEntries = [publicIndex, "testing.ts", "verifier.ts", "client.ts"];

/** What an application mounts: everything of a framework comes together there. */
const adapters = ["node", "fastify", "hono", "koa", "next"].map((name) => `adapter/${name}.ts`);

/** Files that run on Node alone. The rest must run in any JavaScript engine. */
export const nodeOnly = [/^store\/sqlite/, /^adapter\/node/, /^testing[./]/];

/** Files to which the limit of imports does not apply: they exist to bring things together. */
export const manyImports = [
  publicIndex,
  ...["auth.ts", "auth/api.ts", "auth/core.ts", "auth/following.ts"],
  ...adapters,
  ...[
    "client/create.ts",
    "client/session/machine.ts",
    "verifier/parts.ts",
    "session/context.ts",
    "strategy/strategy.ts",
    "types.ts",
    "errors.ts",
  ],
];

export const maxFilesPerFolder = 8;
export const maxImportsPerFile = 8;
