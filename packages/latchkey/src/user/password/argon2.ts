import { LatchkeyError } from "../../errors.ts";
import { builtin } from "../../lib/runtime/builtin.ts";
import type { PasswordHasher } from "../../types.ts";
import { boundedQueue } from "./bounded-queue.ts";

/** Argon2id, 19 MiB, 2 passes, 1 lane (OWASP password storage; RFC 9106). `algorithm: 2` is Argon2id. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** How many wait beyond those being hashed before the rest is turned away: two to three seconds of work on two cores. */
const maxWaiting = 64;

/** How long one of them waits at most, in ms: who signs in has an answer before trying again by themselves. */
const patience = 2000;

/** The part of `@node-rs/argon2` that is used. */
interface Argon2 {
  hash(password: string, options: typeof parameters): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/**
 * The default hasher: off the event loop, at most cores − 1 at once and two threads of the pool left free, so that
 * a storm of sign-ins delays neither checks nor look-ups of names (measured: 40 queued hashes delay one by 269 ms).
 *
 * @throws LatchkeyError `busy` from its methods when the queue is full or moves too slowly; `hasher_unavailable` where the native
 * module cannot be loaded.
 */
export function argon2Hasher(): PasswordHasher {
  const queue = boundedQueue({ running: concurrency(), waiting: maxWaiting, patience });
  let loading: Promise<Argon2> | undefined;
  const load = (): Promise<Argon2> => {
    loading ??= loadArgon2();
    return loading;
  };
  return {
    hash: (password) => queue(async () => (await load()).hash(password, parameters)),
    load: queue.load,
    verify: (hash, password) => queue(async () => (await load()).verify(hash, password)),
  };
}

async function loadArgon2(): Promise<Argon2> {
  try {
    return await import("@node-rs/argon2");
  } catch (cause) {
    throw new LatchkeyError("hasher_unavailable", "@node-rs/argon2 does not load on this runtime", { cause });
  }
}

/** libuv's pool has four threads unless told otherwise. */
function concurrency(): number {
  const configured = globalThis.process?.env?.UV_THREADPOOL_SIZE;
  // What is no number is zero to libuv, and zero threads are one.
  const poolSize = configured === undefined ? 4 : Number.parseInt(configured, 10) || 1;
  const cores = builtin("node:os")?.availableParallelism() ?? 2;
  return Math.max(1, Math.min(cores - 1, poolSize - 2));
}
