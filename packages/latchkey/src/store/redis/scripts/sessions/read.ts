import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** One look for all that a check needs. It writes nothing, and needs no memory. */
export const readSession: Script = makeScript(
  "readSession",
  [session],
  /* lua */ `
local found = read_session(input.id)
local owner = found and found.userId or input.userId
return object{
  'session', session_json(found), 'user', user_json(owner and read_user(owner)),
  'globalEpoch', global_epoch, 'keysVersion', keys_version, 'now', now,
}
`,
  ["allow-oom"],
);

export const listSessions: Script = makeScript(
  "listSessions",
  [session],
  /* lua */ `
local user, rows = read_user(input.userId), {}
for _, found in ipairs(user and live_sessions(user, false) or {}) do rows[#rows + 1] = session_json(found).json end
return object{'sessions', raw(array(rows))}
`,
  ["allow-oom"],
);
