import { makeScript, type Script } from "../../lua/piece.ts";
import { user } from "../../lua/user.ts";

export const findUser: Script = makeScript(
  "findUser",
  [user],
  /* lua */ `
local id = input.id or email_owner(input.email)
return object{'user', user_json(id and read_user(id))}
`,
  ["allow-oom"],
);

export const hasRole: Script = makeScript(
  "hasRole",
  [user],
  /* lua */ `
return object{'done', raw(tostring(redis.call('EXISTS', prefix .. 'role:' .. input.role) == 1))}
`,
  ["allow-oom"],
);

/**
 * One stretch of the list, newest first: `found` of at most `examine` users. `next` is where to go on, by the moment
 * of creation and the id, so that it stays a place when the user there is deleted.
 */
export const listUsers: Script = makeScript(
  "listUsers",
  [user],
  /* lua */ `
-- The shortest list that holds all who may be meant.
local list = prefix .. 'users'
if input.status == 'banned' then list = prefix .. 'banned' end
if input.role then list = prefix .. 'role:' .. input.role end

-- How many of the list come before the place: those made later, and of that moment those of higher ids.
local function rank_after(at, id)
  local rank = redis.call('ZREVRANK', list, id)
  if rank then return rank + 1 end
  local later = redis.call('ZCOUNT', list, '(' .. at, '+inf')
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', list, at, at)) do
    if is_before(id, other) then later = later + 1 end
  end
  return later
end

local start = 0
if input.from then
  start = rank_after(input.from.at, input.from.id)
elseif input.after then
  local at = redis.call('ZSCORE', prefix .. 'users', input.after)
  -- Who was deleted names no place in the list.
  if not at then return object{'users', raw('[]'), 'next', cjson.null} end
  start = rank_after(at, input.after)
end

local ids = redis.call('ZREVRANGE', list, start, start + input.examine - 1)
local texts = input.search and #ids > 0 and redis.call('HMGET', prefix .. 'search', unpack(ids))

-- By the whole id, or by part of the address or name. Most have it nowhere.
local function is_found(text)
  local at = string.find(text, input.search, 1, true)
  if not at then return false end
  local id_end = string.find(text, '\\0', 1, true)
  return at > id_end or string.sub(text, 1, id_end - 1) == input.search
    or string.find(text, input.search, id_end + 1, true) ~= nil
end

local rows, last = {}, nil
for i, id in ipairs(ids) do
  if #rows == input.limit then break end
  last = id
  if not texts or is_found(texts[i]) then
    local found = read_user(id)
    if not input.status or is_banned(found) == (input.status == 'banned') then
      rows[#rows + 1] = user_json(found).json
    end
  end
end
local is_end = last == nil or (#ids < input.examine and last == ids[#ids])
return object{
  'users', raw(array(rows)),
  'next', is_end and cjson.null or raw(object{'at', redis.call('ZSCORE', list, last), 'id', last}),
}
`,
  ["allow-oom"],
);
