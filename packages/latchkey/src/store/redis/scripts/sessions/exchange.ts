import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** Notes a third party with a session, if it has a row, and with its user. */
export const recordExchange: Script = makeScript(
  "recordExchange",
  [session],
  /* lua */ `
local user = read_user(input.userId)
if not user or user.epoch ~= input.userEpoch then return object{'done', raw('false')} end
local found = read_session(input.sessionId)
if found and not (found.userId == user.id and is_live(found, user)) then return object{'done', raw('false')} end

local written = 0
if found and note_exchange(found, input.audience) then
  save_session(found)
  written = 1
end
local after = with(user, {})
if note_exchange(after, input.audience) then
  save_user(user, after)
  written = 1
end
-- It is no change of the log; but what ends the session later has to name whom to tell, so it must not get lost.
return object{'done', raw('true'), 'logged', written, 'on', replication_id()}
`,
);
