import { change } from "../lua/change.ts";
import { frame } from "../lua/frame.ts";
import { makeScript, type Script } from "../lua/piece.ts";
import { record } from "../lua/record.ts";

/** The layout of keys and rows. A release that changes it raises the number. */
export const schemaVersion = 1;

/**
 * The very first: makes what the store has one of, where it is missing, and tells which database this is. `ARGV`: the
 * lineage of a new one, and the layout.
 */
export const begin: Script = makeScript(
  "begin",
  [],
  /* lua */ `
if not string.find(redis.call('INFO', 'replication'), 'role:master', 1, true) then
  return redis.error_reply('READONLY this server is a replica')
end
if redis.call('HSETNX', KEYS[1], 'lineage', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'schema', ARGV[2], 'global_epoch', 0, 'keys_version', 0, 'n', 0, 'tag', '', 'audit', 0,
    'user_floor', 0,
    'longest_life', 0, 'longest_life_at', 0, 'longest_lease', 0, 'longest_lease_at', 0, 'confirmed', 0)
end
return cjson.encode(redis.call('HMGET', KEYS[1], 'lineage', 'schema'))
`,
);

/**
 * The first on each connection, and again every second: whether it leads to the database found at start, and what its clock
 * says. A server that has thrown keys away to make room may have thrown away what somebody was revoked by, and nobody can
 * tell: then everything issued so far is refused, once for all who ask. It counts such keys from its own start on.
 */
export const greet: Script = makeScript(
  "greet",
  [frame, record, change],
  /* lua */ `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local count = tonumber(string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)'))
local lost = 0
if run and count then
  local known = redis.call('HGET', KEYS[1], 'evicted')
  local seen = run .. ':' .. string.format('%.0f', count)
  if known ~= seen then
    local before = known and tonumber(string.match(known, '^' .. run .. ':(%d+)')) or 0
    lost = known and math.max(count - before, 0) or 0
    if lost > 0 then set_global_epoch(raised(global_epoch)) end
    -- Where nothing can be written, and nothing was lost, that is for the next time.
    redis.pcall('HSET', KEYS[1], 'evicted', seen)
  end
end
return answer{'time', server_time, 'lost', lost}
`,
  ["allow-oom"],
);

/** A write of no meaning: once a replica has it, it has everything that was written before on this server. */
export const mark: Script = makeScript(
  "mark",
  [frame, record],
  /* lua */ `
if input.on ~= replication_id() then
  return redis.error_reply('READONLY what is to be confirmed was written elsewhere')
end
redis.call('HINCRBY', KEYS[1], 'confirmed', 1)
return object{}
`,
  ["allow-oom"],
);
