import { audit } from "../lua/audit.ts";
import { change } from "../lua/change.ts";
import { makeScript, type Script } from "../lua/piece.ts";

export const appendAudit: Script = makeScript(
  "appendAudit",
  [change, audit],
  /* lua */ `
write_audit()
return answer{}
`,
);

/** One stretch of the log, newest first: what is found among at most `examine` entries. `next` is where to go on. */
export const listAudit: Script = makeScript(
  "listAudit",
  [audit],
  /* lua */ `
-- Ids begin with 1.
if input.before and input.before <= 1 then return object{'entries', raw('[]'), 'next', cjson.null} end
local newest = input.before and '(' .. number_text(input.before) or '+inf'

-- The places to look at: those of the user, else those of the type, else all.
local function places()
  if input.userId then
    return redis.call('ZREVRANGEBYSCORE', prefix .. 'audit:user:' .. input.userId, newest, '-inf',
      'LIMIT', 0, input.examine)
  end
  local stream = prefix .. 'audit' .. (input.type and ':type:' .. input.type or '')
  local top = input.before and newest .. '-0' or '+'
  local ids = {}
  for i, entry in ipairs(redis.call('XREVRANGE', stream, top, '-', 'COUNT', input.examine)) do
    ids[i] = string.match(entry[1], '^%d+')
  end
  return ids
end

local ids, rows, last = places(), {}, nil
for _, id in ipairs(ids) do
  if #rows == input.limit then break end
  last = id
  local entry = redis.call('XRANGE', prefix .. 'audit', id .. '-0', id .. '-0')[1]
  -- Fields and values in turn: type, at, body. Older ones may have been given up.
  local fields = entry and entry[2]
  if fields and (not input.type or fields[2] == input.type) then
    rows[#rows + 1] = object{'id', raw(id), 'at', raw(fields[4]), 'body', raw(fields[6])}
  end
end
local is_end = last == nil or (#ids < input.examine and last == ids[#ids])
return object{'entries', raw(array(rows)), 'next', is_end and cjson.null or raw(last)}
`,
  ["allow-oom"],
);
