import { frame } from "./frame.ts";
import type { Piece } from "./piece.ts";
import { record } from "./record.ts";

/** The change log, and the answers of steps that may have added to it. */
export const change: Piece = {
  needs: [frame, record],
  text: /* lua */ `
-- What verifiers must know of this step, as JSON texts.
local changes = {}

local function add_change(members)
  changes[#changes + 1] = object(members)
end

-- The same about a session or a user, which third parties may have to know too.
local function add_change_about(concerned, members)
  if concerned.audiences ~= '[]' then
    members[#members + 1] = 'audiences'
    members[#members + 1] = raw(concerned.audiences)
  end
  add_change(members)
end

-- The same session or user, exchanged for a third party.
local function note_exchange(record, audience)
  local audiences = cjson.decode(record.audiences)
  for _, it in ipairs(audiences) do if it == audience then return false end end
  audiences[#audiences + 1] = audience
  record.audiences = cjson.encode(audiences)
  return true
end

-- All that was issued until now carries a lower one.
local function set_global_epoch(epoch)
  global_epoch = epoch
  redis.call('HSET', KEYS[1], 'global_epoch', number_text(epoch))
  add_change{'kind', 'global_epoch', 'epoch', epoch}
end

-- One entry for all of it, in the step itself (P5). Its number is its place in the stream too (P6).
local function commit()
  if #changes == 0 then return end
  local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
  redis.call('HSET', KEYS[1], 'tag', ARGV[4])
  redis.call('XADD', prefix .. 'log', number_text(n) .. '-0',
    'tag', ARGV[4], 'at', number_text(now), 'body', array(changes))
end

-- The last word of a step: names and values in turn. It says what it has told, and where it was done: there it has to
-- be confirmed.
local function answer(members)
  commit()
  for _, it in ipairs({ 'told', raw(array(changes)), 'at', now, 'on', replication_id() }) do
    members[#members + 1] = it
  end
  return object(members)
end

local function refuse(code)
  return object{'ok', raw('false'), 'code', code}
end
`,
};
