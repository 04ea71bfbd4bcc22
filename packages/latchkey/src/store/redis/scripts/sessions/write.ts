import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

export const touchSession: Script = makeScript(
  "touchSession",
  [session],
  /* lua */ `
-- What only writes a row anew needs no more memory than it has.
local found = find_live(input.id)
local is_old = found ~= nil and now - found.lastSeenAt > input.minAge
if is_old then
  found.lastSeenAt = now
  save_session(found)
end
return object{'done', raw(tostring(is_old))}
`,
  ["allow-oom"],
);

export const updateSession: Script = makeScript(
  "updateSession",
  [session],
  /* lua */ `
local found = find_live(input.id)
if not found then return refuse('session_ended') end
if found.version ~= input.version then return refuse('conflict') end
found.data = input.data
found.version = found.version + 1
save_session(found)
return answer{'ok', raw('true'), 'session', session_json(found)}
`,
);
