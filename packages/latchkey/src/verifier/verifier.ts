import type { Refusal } from "../errors.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { keepUp } from "../replica/keep-up.ts";
import type { CheckContext, RequestLike } from "../types.ts";
import type { VerifiedToken } from "./accept.ts";
import { check, readBearer } from "./check.ts";
import { readVerifierOptions, type VerifierOptions } from "./options.ts";
import { makeParts } from "./parts.ts";

/** Checks tokens of a server elsewhere. */
export interface RemoteVerifier {
  /**
   * Checks the `Authorization: Bearer` token of a request, without I/O where the token was seen before or its key is
   * known. Sees revocations as the server's own processes do. Not looked at: cookies, where the request comes from.
   *
   * @throws LatchkeyError `stale` or `cannot_tell` if it cannot tell: answer 503
   */
  authenticate(request: RequestLike, context?: CheckContext): MaybePromise<VerifiedToken | Refusal>;
  /**
   * Reads keys and changes. Otherwise the first check does.
   *
   * @throws LatchkeyError `cannot_tell` if the server does not answer, or gives this service no token
   */
  start(): Promise<void>;
  /** Stops following. */
  close(): Promise<void>;
}

/** How long the first check waits until all is read, in milliseconds. */
const patience = 2000;

/**
 * Makes a verifier for a service that trusts the tokens of a server and keeps no database for it. Does nothing until it
 * is started or asked.
 *
 * @throws LatchkeyError `misuse` if an option is wrong; the message names it and the remedy.
 */
export function createVerifier(options: VerifierOptions): RemoteVerifier {
  const settings = readVerifierOptions(options);
  const parts = makeParts(settings, options);
  const { server, keys, replica, member } = parts;
  let started: Promise<void> | undefined;
  /** Whoever comes while the first one still waits for what is known waits with them. */
  let begun = false;

  async function begin(): Promise<void> {
    await keys.read();
    replica.join(member, settings.background ? undefined : "idle");
    await (settings.background ? replica.catchUp(patience) : replica.refresh()).finally(() => {
      begun = true;
    });
  }

  function start(): Promise<void> {
    started ??= begin().catch((error: unknown) => {
      started = undefined;
      throw server.fault(error);
    });
    return started;
  }

  return {
    async start() {
      await start();
      // Checks go on as they can; whoever starts a service wants to know.
      if (!replica.currency.isWithin(settings.maxStaleness))
        throw server.failure() ?? server.fault(undefined);
    },
    authenticate(request, context) {
      const token = readBearer(request);
      if (typeof token !== "string") return token;
      if (!begun) return start().then(() => check(parts, token));
      return settings.background
        ? check(parts, token)
        : chain(keepUp(replica, settings.maxStaleness, context), () => check(parts, token));
    },
    async close() {
      await started?.catch(() => undefined);
      await replica.leave(member);
    },
  };
}
