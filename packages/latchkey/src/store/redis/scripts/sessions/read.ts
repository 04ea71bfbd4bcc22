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
local live = user and live_sessions(user, input.limit) or {}
-- Of those that began in one millisecond the one seen last comes first.
table.sort(live, function(a, b)
  if a.madeAt ~= b.madeAt then return a.madeAt > b.madeAt end
  if a.lastSeenAt ~= b.lastSeenAt then return a.lastSeenAt > b.lastSeenAt end
  return is_before(a.id, b.id)
end)
for i = 1, math.min(input.limit or #live, #live) do rows[i] = session_json(live[i]).json end
return object{'sessions', raw(array(rows))}
`,
  ["allow-oom"],
);
