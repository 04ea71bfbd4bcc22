import { audit } from "../../lua/audit.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

// What forbids something runs also when the server's memory is used up.

export const endSession: Script = makeScript(
  "endSession",
  [session, audit],
  /* lua */ `
local found = find_live(input.id)
if not found or (input.userId and found.userId ~= input.userId) then return answer{'done', raw('false')} end
end_live(found, input.reason)
write_audit()
return answer{'done', raw('true')}
`,
  ["allow-oom"],
);

export const endSessions: Script = makeScript(
  "endSessions",
  [session, audit],
  /* lua */ `
local user = read_user(input.userId)
if not user then return answer{'ended', 0} end
local ended = end_all(user, input.reason)
save_user(user, with(user, { epoch = raised(user.epoch) }))
write_audit()
return answer{'ended', ended}
`,
  ["allow-oom"],
);

/** Of several that end each other at once one stays: whoever comes second has ended by then. */
export const endOtherSessions: Script = makeScript(
  "endOtherSessions",
  [session, audit],
  /* lua */ `
local kept = input.keep and find_live(input.keep)
if input.keep and not (kept and kept.userId == input.userId) then return refuse('session_ended') end
local user = read_user(input.userId)
local ended = user and end_all(user, input.reason, input.keep) or 0
if ended > 0 then write_audit() end
return answer{'ok', raw('true'), 'ended', ended}
`,
  ["allow-oom"],
);

export const endEverything: Script = makeScript(
  "endEverything",
  [session, audit],
  /* lua */ `
set_global_epoch(raised(global_epoch))
write_audit()
return answer{}
`,
  ["allow-oom"],
);
