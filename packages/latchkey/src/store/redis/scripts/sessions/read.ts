import { frame } from "../../lua/frame.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { record } from "../../lua/record.ts";
import { session } from "../../lua/session.ts";

/** One look for all that a check needs. It writes nothing, and needs no memory; rows go out as they are. */
export const readSession: Script = makeScript(
  "readSession",
  [frame, record],
  /* lua */ `
local session = redis.call('GET', prefix .. 'session:' .. input.id)
-- The user's id is the first member.
local owner = session and (string.match(session, '^%["([^"\\]*)"') or cjson.decode(session)[1]) or input.userId
return object{
  'session', with_id(input.id, session),
  'user', with_id(owner, owner and redis.call('GET', prefix .. 'user:' .. owner)),
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
