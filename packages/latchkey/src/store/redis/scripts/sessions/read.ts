import { frame } from "../../lua/frame.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/**
 * One look for all that a check needs. It writes nothing, and needs no memory; rows go out as they are, and what other
 * scripts are made of is left out: it takes half as long.
 */
export const readSession: Script = makeScript(
  "readSession",
  [frame],
  /* lua */ `
local session = redis.call('GET', prefix .. 'session:' .. input.id)
-- The user's id is the first member.
local owner = session and (string.match(session, '^%["([^"\\\\]*)"') or cjson.decode(session)[1]) or input.userId
local user = owner and redis.call('GET', prefix .. 'user:' .. owner)
return '{"session":' .. (session or 'null') .. ',"user":' .. (user or 'null') .. ',"globalEpoch":' .. meta[2]
  .. ',"keysVersion":' .. meta[3] .. ',"now":' .. string.format('%.0f', now) .. '}'
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
