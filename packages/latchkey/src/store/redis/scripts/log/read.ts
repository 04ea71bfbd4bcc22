import { frame } from "../../lua/frame.ts";
import { luaList, makeScript, type Piece, type Script } from "../../lua/piece.ts";
import { record } from "../../lua/record.ts";
import { leaseFields } from "../../rows/lease.ts";

/** What names this life of the store: the lineage, and what is another one after a restart or a fail-over (P7). */
const life: Piece = {
  needs: [frame, record],
  text: /* lua */ `
local life = ARGV[1] .. ':' .. replication_id()
local marks = redis.call('HMGET', KEYS[1], 'longest_life', 'longest_lease')
local lease_fields = ${luaList(leaseFields)}
`,
};

/** Renews the lease, then reads: whoever reads an entry later than this is known to be reading (P16). */
export const readChanges: Script = makeScript(
  "readChanges",
  [life],
  /* lua */ `
local lease = input.lease
if lease then
  local before = redis.call('HGET', prefix .. 'leases', lease.id)
  -- A lease never moves back: a read that was overtaken by a later one renews nothing.
  if not before or unpack_row(before, lease_fields).counter < lease.counter then
    lease.n = input.life == life and input.n or nil
    lease.at = now
    redis.call('HSET', prefix .. 'leases', lease.id, pack(lease, lease_fields))
  end
end

-- From the place on, and one more than asked for: by the entry itself the place is recognised.
local from = input.n and number_text(input.n) .. '-0' or '-'
local rows = {}
for i, entry in ipairs(redis.call('XRANGE', prefix .. 'log', from, '+', 'COUNT', input.limit + 1)) do
  local n = string.match(entry[1], '^%d+')
  rows[i] = object{'n', raw(n), 'tag', entry[2][2], 'at', raw(entry[2][4]), 'changes', raw(entry[2][6])}
end
return object{
  'life', life, 'n', head, 'tag', meta[5] or '', 'entries', raw(array(rows)),
  'now', now, 'longestLife', raw(marks[1]),
}
`,
  ["allow-oom"],
);

export const readLeases: Script = makeScript(
  "readLeases",
  [life],
  /* lua */ `
local rows = {}
for _, text in ipairs(redis.call('HVALS', prefix .. 'leases')) do rows[#rows + 1] = text end
return object{
  'life', life, 'n', head, 'tag', meta[5] or '', 'leases', raw(array(rows)), 'longestLease', raw(marks[2]),
  'now', now,
}
`,
  ["allow-oom"],
);
