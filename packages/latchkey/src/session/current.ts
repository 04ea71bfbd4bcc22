import type { AuthApi } from "../types.ts";
import type { ApiContext } from "./context.ts";

/** What of a refusal means that there simply is no session any more. */
const signedOutCodes: ReadonlySet<string> = new Set([
  "credential_missing",
  "session_ended",
  "session_expired",
  "account_unavailable",
]);

/** The session a request carries, with one read more than a check. */
export function currentApi({ authenticate }: ApiContext): Pick<AuthApi, "getSession"> {
  return {
    async getSession(request) {
      const result = await authenticate(request);
      const loaded = result.ok ? await result.load() : result;
      return !loaded.ok && signedOutCodes.has(loaded.code) ? null : loaded;
    },
  };
}
