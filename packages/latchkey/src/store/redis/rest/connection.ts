import { misuse } from "../../../errors.ts";
import { isJsonObject } from "../../../lib/json.ts";
import type { Connection } from "../link/connection.ts";
import { replyWord } from "../run/fault.ts";

/** Where a server is reached over HTTP. */
export interface RestTarget {
  /** Of the REST interface: https, or http on this machine. */
  readonly url: string;
  /** One that may write. */
  readonly token: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
}

/** In ms: nobody waits longer, and scripts that change something look at their deadline. */
const patience = 2500;

/**
 * Commands as `POST`s of their own, each a JSON list, as `@upstash/redis` sends them. There is nothing to connect and
 * nothing to lose. Throws `misuse` for a target that is none.
 */
export function restConnection(target: RestTarget): Connection {
  checkTarget(target);
  const { url, token, fetch: send = fetch } = target;
  return {
    isReady: true,
    connect: async () => undefined,
    destroy: () => undefined,
    on: () => undefined,
    async sendCommand(args) {
      const response = await send(url, {
        method: "POST",
        // None is followed: it would take the token elsewhere.
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(args),
      });
      const answer: unknown = await response.json().catch(() => undefined);
      if (isJsonObject(answer) && typeof answer.error === "string") return refused(args, answer.error);
      if (response.ok && isJsonObject(answer) && "result" in answer) return answer.result;
      throw new Error(`the server answered ${response.status}, and not as Redis does over HTTP`);
    },
  };
}

/** Whoever rents a server may not always ask how it is set. */
function refused([command]: readonly string[], error: string): unknown {
  if (command === "INFO" && ["ERR", "NOPERM"].includes(replyWord(new Error(error)))) return "";
  throw new Error(error);
}

function checkTarget({ url, token }: RestTarget): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHere = parsed !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
  if (parsed?.protocol !== "https:" && !(parsed?.protocol === "http:" && isHere))
    misuse("redisRestStore() needs url: the https:// address of the server's REST interface");
  if (typeof token !== "string" || token.length === 0)
    misuse("redisRestStore() needs token: the one of the REST interface that may write");
}
