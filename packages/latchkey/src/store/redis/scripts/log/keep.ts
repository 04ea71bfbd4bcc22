import { frame } from "../../lua/frame.ts";
import { luaList, makeScript, type Script } from "../../lua/piece.ts";
import { record } from "../../lua/record.ts";
import { leaseFields } from "../../rows/lease.ts";

/** How long a mark stays as high as it was, after somebody last said that it must be. In ms. */
const markHolds = 86_400_000;

export const dropLease: Script = makeScript(
  "dropLease",
  [frame, record],
  /* lua */ `
redis.call('HDEL', prefix .. 'leases', input.id)
return object{}
`,
  ["allow-oom"],
);

/** As high as anybody says; lower only once what was issued under the higher one, and a day, are over (P8). */
export const declareLongest: Script = makeScript(
  "declareLongest",
  [frame, record],
  /* lua */ `
local function declare(name, value)
  local mark = redis.call('HMGET', KEYS[1], name, name .. '_at')
  local held, at = tonumber(mark[1]), tonumber(mark[2])
  if value >= held or at + held + ${markHolds} < now then
    redis.call('HSET', KEYS[1], name, number_text(value), name .. '_at', number_text(now))
  end
end
declare('longest_life', input.life)
declare('longest_lease', input.lease)
return object{}
`,
  ["allow-oom"],
);

/** Removes what came before a place, never from the middle, and never the newest. */
export const trimChanges: Script = makeScript(
  "trimChanges",
  [frame, record],
  /* lua */ `
local before = now - math.max(input.age, 0)
local leases, lease_fields = redis.call('HGETALL', prefix .. 'leases'), ${luaList(leaseFields)}
for i = 1, #leases, 2 do
  if unpack_row(leases[i + 1], lease_fields).at < before then redis.call('HDEL', prefix .. 'leases', leases[i]) end
end

-- Where all are old it ends as the newest.
local first_kept = nil
local oldest = redis.call('XRANGE', prefix .. 'log', '-', '+', 'COUNT', math.max(input.limit, 0) + 1)
for i, entry in ipairs(oldest) do
  first_kept = entry[1]
  if i > input.limit or tonumber(entry[2][4]) >= before then break end
end
return object{'trimmed', first_kept and redis.call('XTRIM', prefix .. 'log', 'MINID', first_kept) or 0}
`,
  ["allow-oom"],
);
