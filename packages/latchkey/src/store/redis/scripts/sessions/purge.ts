import { key } from "../../lua/key.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/**
 * Deletes rows of sessions that died before a time. They lie in lists by the hour in which they were to die when they
 * were written; one that was used since is put where it belongs now. At most `examine` are looked at.
 */
export const purgeSessions: Script = makeScript(
  "purgeSessions",
  [session, key],
  /* lua */ `
-- A negative age would reach into the future, where the live ones expire.
local before = now - math.max(input.age, 0)
for _, it in ipairs(all_keys()) do
  if it.retiresAt and it.retiresAt < before then redis.call('HDEL', prefix .. 'keys', it.id) end
end

local purged, left = 0, input.examine

local function purge(id, hour)
  local found = read_session(id)
  if not found then return end
  if dies_at(found) >= before then
    if math.floor(dies_at(found) / 3600000) == hour then return id end
    file_for_purge(found)
    return
  end
  redis.call('DEL', prefix .. 'session:' .. id)
  redis.call('ZREM', prefix .. 'sessions:' .. found.userId, id)
  purged = purged + 1
end

local function purge_hour(hour)
  local list, kept = prefix .. 'due:' .. number_text(hour), {}
  while left > 0 and purged < input.limit do
    local id = redis.call('LPOP', list)
    if not id then break end
    kept[#kept + 1] = purge(id, hour)
    left = left - 1
  end
  for _, id in ipairs(kept) do redis.call('RPUSH', list, id) end
  if redis.call('EXISTS', list) == 0 then redis.call('ZREM', prefix .. 'due', number_text(hour)) end
end

local latest = number_text(math.floor(before / 3600000))
for _, hour in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'due', '-inf', latest, 'LIMIT', 0, 100)) do
  if left > 0 and purged < input.limit then purge_hour(tonumber(hour)) end
end
-- Whether there may be more than was looked at.
return object{'purged', purged, 'more', raw(tostring(left == 0))}
`,
  ["allow-oom"],
);
