import { type Refusal, refuse } from "../errors.ts";
import { toUtf8 } from "../lib/text.ts";
import type { AuthApi, SessionData, SessionId, SessionRecord } from "../types.ts";
import type { ApiContext } from "./context.ts";
import { judgeSession } from "./judge.ts";
import { publicSession } from "./view.ts";

/** Most bytes of JSON that a session keeps. */
const maxSize = 16_384;
/** How often a merge starts over when others write at the same time. */
const maxAttempts = 100;

/** The data an application keeps in a session. */
export function dataApi(context: ApiContext): Pick<AuthApi, "updateSession"> {
  return {
    async updateSession({ sessionId, ...change }) {
      const update = "update" in change ? change.update : (data: SessionData) => merge(data, change.data);
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const written = await updateOnce(context, sessionId as SessionId, update);
        if (written.ok) return { ok: true, session: publicSession(written.session) };
        if (written.code !== "conflict") return written;
      }
      return refuse("conflict");
    },
  };
}

async function updateOnce(
  { store }: ApiContext,
  id: SessionId,
  update: (data: SessionData) => SessionData,
): Promise<{ readonly ok: true; readonly session: SessionRecord } | Refusal> {
  const read = await store.readSession(id);
  if (read.session === undefined)
    return refuse("session_not_found", { detail: "This session keeps no data." });
  const judged = judgeSession(read, read.session.client);
  if (!judged.ok) return judged;
  const data = update(judged.session.data);
  if (toUtf8(JSON.stringify(data)).length > maxSize)
    return refuse("data_too_large", { detail: `At most ${maxSize} bytes.` });
  // Written only if nobody wrote in between: else it is made again from what they wrote.
  const written = await store.updateSession(id, judged.session.version, data);
  return written.ok ? written : refuse(written.code);
}

/** Members of `patch` replace those of the same name; `null` removes. */
function merge(data: SessionData, patch: SessionData): SessionData {
  const merged = Object.entries({ ...data, ...patch }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(merged);
}
