import { frame } from "./frame.ts";
import type { Piece } from "./piece.ts";
import { record } from "./record.ts";

/** The audit log: a stream, with the ids of its entries by type and by user. */
export const audit: Piece = {
  needs: [frame, record],
  text: /* lua */ `
-- Adds the entry that the step took along, if it did. The last thing a step does before it answers.
local function write_audit()
  local entry = input.audit
  if entry == nil then return end
  local id = redis.call('HINCRBY', KEYS[1], 'audit', 1)
  local place = number_text(id) .. '-0'
  redis.call('XADD', prefix .. 'audit', place, 'type', entry.type, 'at', number_text(now), 'body', entry.body)
  redis.call('XADD', prefix .. 'audit:type:' .. entry.type, place, '', '')
  local of_user = entry.userId and prefix .. 'audit:user:' .. entry.userId
  if of_user then redis.call('ZADD', of_user, id, number_text(id)) end
  -- How many are kept, if not all. In stretches, where Redis can do so cheaply.
  local oldest = id - (tonumber(ARGV[7]) or math.huge)
  if oldest <= 0 then return end
  redis.call('XTRIM', prefix .. 'audit', 'MINID', '~', number_text(oldest) .. '-0')
  redis.call('XTRIM', prefix .. 'audit:type:' .. entry.type, 'MINID', '~', number_text(oldest) .. '-0')
  if of_user then redis.call('ZREMRANGEBYSCORE', of_user, '-inf', number_text(oldest)) end
end
`,
};
