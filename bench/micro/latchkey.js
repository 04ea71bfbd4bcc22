// @ts-check
import { memoryStore } from "latchkey/memory";
import { sqliteStore } from "latchkey/sqlite";
import { makeAuth, signUp, until, withRevocations } from "../lib/people.js";
import { inTurn, requestWith } from "../lib/strings.js";

const people = 512;

/**
 * @param {import("latchkey").Auth} auth
 * @param {() => import("latchkey").RequestLike} next
 * @returns {() => unknown}
 */
function checking(auth, next) {
  return () => {
    const result = auth.authenticate(next());
    if (result instanceof Promise) return result.then(accepted);
    return accepted(result);
  };
}

/** @param {import("latchkey").AuthResult} result */
function accepted(result) {
  if (!result.ok) throw new Error(`refused: ${result.code}`);
  return result;
}

/** A check of what is remembered must answer at once. @param {() => unknown} run */
function warm(run) {
  return () => {
    if (run() instanceof Promise) throw new Error("it was not answered from memory");
  };
}

/**
 * Warm checks of one process whose replica holds so many revocations.
 *
 * @param {number} revocations
 */
export async function liveCases(revocations) {
  const auth = makeAuth(withRevocations(memoryStore(), revocations));
  const sent = {
    live: await signUp(auth, "live", people),
    jwt: await signUp(auth, "jwt-live", people),
    web: await signUp(auth, "web", people),
  };
  await until(() => (auth.stats().replica.sessions ?? 0) >= revocations);
  const bearer = (/** @type {string[]} */ tokens) => inTurn(tokens.map((token) => `Bearer ${token}`));
  const fetched = sent.jwt.map(
    (token) => new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } }),
  );
  let at = 0;
  const nextFetched = () => {
    at = (at + 1) % fetched.length;
    return /** @type {Request} */ (fetched[at]);
  };
  const cases = {
    jwt: checking(auth, requestWith("authorization", bearer(sent.jwt))),
    session: checking(auth, requestWith("authorization", bearer(sent.live))),
    cookie: checking(auth, requestWith("cookie", inTurn(sent.web))),
    request: checking(auth, nextFetched),
  };
  for (const run of Object.values(cases)) for (let i = 0; i < people; i++) await run();
  return {
    auth,
    /** The strings that the headers of the cases are. */
    strings: {
      jwt: bearer(sent.jwt),
      session: bearer(sent.live),
      cookie: inTurn(sent.web),
    },
    jwt: warm(cases.jwt),
    session: warm(cases.session),
    cookie: warm(cases.cookie),
    request: warm(cases.request),
    readHeader: () => nextFetched().headers.get("authorization"),
  };
}

/** Checks of tokens that nobody remembers: plain `jwt`, by algorithm; and `session`, which always asks. */
export async function coldCases(/** @type {string} */ file) {
  const of = async (/** @type {"HS256" | "EdDSA"} */ algorithm) => {
    const auth = makeAuth(memoryStore(), { keys: { algorithm } });
    const tokens = await signUp(auth, "jwt", people);
    const next = inTurn(tokens.map((token) => `Bearer ${token}`));
    return { auth, tokens, run: checking(auth, requestWith("authorization", next)) };
  };
  const store = makeAuth(sqliteStore(file));
  const opaque = await signUp(store, "session", 64);
  const next = inTurn(opaque.map((token) => `Bearer ${token}`));
  return {
    hs256: await of("HS256"),
    eddsa: await of("EdDSA"),
    session: { auth: store, run: checking(store, requestWith("authorization", next)) },
  };
}
