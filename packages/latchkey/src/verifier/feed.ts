import { LatchkeyError } from "../errors.ts";
import { randomToken } from "../lib/crypto/random.ts";
import { isJsonObject, type JsonObject } from "../lib/json.ts";
import type { Feed } from "../replica/follow/feed.ts";
import type { ChangesPage, LoggedChange } from "../types.ts";
import type { Server } from "./server.ts";

/** How long an answer is waited for beyond the time it was asked to wait, in milliseconds. */
const patience = 5000;

/** The change log by way of the server (docs/protocol-changes.md). What the store lost is for its own processes to mend. */
export function httpFeed(server: Server): Feed {
  return {
    restore: undefined,
    async read({ after, waitMs, lease, signal }) {
      const nonce = randomToken(12);
      const limit = AbortSignal.timeout(waitMs + patience);
      const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
      const answer = await server.changes({ after, waitMs, nonce, lease }, stop);
      // An answer to another question, from a cache or a proxy that joins requests, proves nothing (P9).
      if (answer.nonce !== nonce) throw new LatchkeyError("cannot_tell", "the answer is to another request");
      return readPage(answer);
    },
    async dropLease(id) {
      const lease = { id, counter: 0, node: "-", duration: 0, accepts: false };
      const body = { after: null, waitMs: 0, nonce: randomToken(12), lease };
      await server.changes(body, AbortSignal.timeout(patience));
    },
  };
}

/** @throws LatchkeyError `cannot_tell` if it is no page */
function readPage(answer: JsonObject): ChangesPage {
  const { changes, position, atHead, reset, now, longestLife, age } = answer;
  const isPage =
    Array.isArray(changes) &&
    typeof position === "string" &&
    typeof atHead === "boolean" &&
    (reset === false || reset === "moved" || reset === "trimmed" || reset === "lost") &&
    isTime(now) &&
    isTime(longestLife) &&
    isTime(age);
  if (!isPage) throw new LatchkeyError("cannot_tell", "the answer is no page of the change log");
  return { changes: changes.map(readChange), position, atHead, reset, now, longestLife, age };
}

/** The members of a kind that is known are the server's to get right; one that is not known makes the replica stale. */
function readChange(value: unknown): LoggedChange {
  const isChange =
    isJsonObject(value) &&
    isTime(value.at) &&
    isJsonObject(value.change) &&
    typeof value.change.kind === "string";
  if (!isChange) throw new LatchkeyError("cannot_tell", "the change log holds what is no change");
  return value as { at: number; change: LoggedChange["change"] };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
