import { isObject } from "../request/wire.ts";
import type { AuthState } from "../types.ts";
import { authenticated, loading, signedOut } from "./state.ts";
import { readInfo } from "./verdict.ts";

/** What a server knew when it drew a page: who is signed in; null: nobody; anything else: it did not know either. */
export function readInitial(given: unknown): AuthState {
  const info = readInfo(withTexts(given));
  return given === null ? signedOut : info === undefined ? loading : authenticated(info);
}

/** `auth.api` gives times as numbers, and the wire as texts. */
function withTexts(value: unknown): unknown {
  if (!isObject(value) || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (name === "data") return [name, one];
      const isTime = typeof one === "number" && /(At|Time)$/.test(name);
      return [name, isTime ? new Date(one).toISOString() : withTexts(one)];
    }),
  );
}
