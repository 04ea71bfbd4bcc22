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
  if entry.userId then
    redis.call('ZADD', prefix .. 'audit:user:' .. entry.userId, id, number_text(id))
  end
end
`,
};
