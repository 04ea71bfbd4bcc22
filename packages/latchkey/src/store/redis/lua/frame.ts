import type { Piece } from "./piece.ts";

/**
 * What every script begins with. `KEYS[1]` is the hash of what the store has one of; every other key begins as it
 * does, with the same hash tag, so that all lie in one slot (P33). `ARGV`: the lineage found at start, the deadline by
 * the server's clock, the time if another clock than the server's is to be believed, a random tag, and the input as
 * JSON, in which a member that is missing means null.
 */
export const frame: Piece = {
  needs: [],
  text: /* lua */ `
local prefix = string.sub(KEYS[1], 1, -5)
local input = cjson.decode(ARGV[5])
local time = redis.call('TIME')
local server_time = time[1] * 1000 + math.floor(time[2] / 1000)
local now = tonumber(ARGV[3]) or server_time

-- See "raised" in store/records.ts.
local function raised(number)
  return math.max(number + 1, now)
end

-- Whoever asked has been told "cannot tell" by now, and that nothing will come of it (P32).
if server_time > (tonumber(ARGV[2]) or math.huge) then
  return redis.error_reply(string.format('LATCHKEY late %.0f', server_time))
end

-- Only the primary knows what holds (P9).
local replication = redis.call('INFO', 'replication')
if not string.find(replication, 'role:master', 1, true) then
  return redis.error_reply('READONLY this server is a replica')
end

-- One whose replicas have fallen silent may have been replaced meanwhile (P33). Redis itself looks once a second, which
-- is late for one that wakes from a pause; what it tells here is counted now.
if ARGV[6] ~= '' then
  local heard = false
  -- It may be -1: two clocks that Redis uses are some milliseconds apart.
  for lag in string.gmatch(replication, 'state=online,offset=%d+,lag=(%-?%d+)') do
    heard = heard or tonumber(lag) <= tonumber(ARGV[6])
  end
  if not heard then
    return redis.error_reply('NOREPLICAS no replica has been heard of for longer than min-replicas-max-lag')
  end
end

-- Whatever another database says is not about ours, even if it says that there is nothing.
local meta = redis.call('HMGET', KEYS[1], 'lineage', 'global_epoch', 'keys_version', 'n', 'tag')
if meta[1] ~= ARGV[1] then
  return redis.error_reply('LATCHKEY lineage ' .. (meta[1] or 'none'))
end
-- Where this is done: another one after a restart and after a fail-over.
local function replication_id()
  return string.match(replication, 'master_replid:(%x+)')
end
local global_epoch = tonumber(meta[2])
local keys_version = tonumber(meta[3])
local head = tonumber(meta[4])
`,
};
