import { userFields } from "../rows/user.ts";
import { change } from "./change.ts";
import { luaList, type Piece } from "./piece.ts";

/** Users and what they are found by. */
export const user: Piece = {
  needs: [change],
  text: /* lua */ `
local user_fields = ${luaList(userFields)}

local function read_user(id)
  local text = redis.call('GET', prefix .. 'user:' .. id)
  if not text then return nil end
  local user = unpack_row(text, user_fields)
  user.id, user.row = id, text
  return user
end

-- As it was read or saved.
local function user_json(user)
  return user and with_id(user.id, user.row) or raw('null')
end

-- By a ban of ours, or by one of the application's own.
local function is_banned(user)
  return user.externalBan == 1 or user.status == 'banned' and (user.bannedUntil == nil or user.bannedUntil > now)
end

-- A user as they are in the step that makes them; "given" has their members. Version and epoch begin with the floor.
local function new_user(given, floor)
  return {
    id = given.id, email = given.email, name = given.name, roles = given.roles or '[]', status = 'active',
    externalBan = 0, externalRoles = 0, createdAt = now, version = floor, epoch = floor,
    passwordHash = given.passwordHash, audiences = '[]',
  }
end

-- What an id that comes back begins with. One number serves all that were deleted.
local function user_floor()
  return tonumber(redis.call('HGET', KEYS[1], 'user_floor'))
end

local function raise_floor(floor)
  if floor > user_floor() then redis.call('HSET', KEYS[1], 'user_floor', number_text(floor)) end
end

local function email_owner(email)
  return email and redis.call('HGET', prefix .. 'emails', email)
end

-- Puts a user under each role, and takes them away from those that they have no longer.
local function index_roles(id, created_at, before, after)
  if before == after then return end
  for _, role in ipairs(before and cjson.decode(before) or {}) do
    redis.call('ZREM', prefix .. 'role:' .. role, id)
  end
  for _, role in ipairs(after and cjson.decode(after) or {}) do
    redis.call('ZADD', prefix .. 'role:' .. role, created_at, id)
  end
end

-- What a search looks at. Small letters are made by JavaScript: Lua knows those of ASCII only.
local function index_search(id, found_by)
  local parts = { found_by.id, found_by.email or '', found_by.name or '' }
  redis.call('HSET', prefix .. 'search', id, table.concat(parts, '\\0'))
end

-- Exchanges one part of that, 2 for the address and 3 for the name.
local function index_search_part(id, part, value)
  local text = redis.call('HGET', prefix .. 'search', id)
  local parts = { string.match(text, '^([^%z]*)%z([^%z]*)%z(.*)$') }
  parts[part] = value or ''
  redis.call('HSET', prefix .. 'search', id, table.concat(parts, '\\0'))
end

-- Whether the list of the banned has to hold them; a ban of ours may be over by now.
local function has_ban(user)
  return user.status == 'banned' or user.externalBan == 1
end

-- To verifiers it is one ban, whoever set it; the two locks are kept apart for a store that has to be mended.
local function tell_state(user)
  local state = {'kind', 'user_state', 'userId', user.id, 'version', user.version, 'roles', raw(user.roles)}
  local function add(...)
    for _, it in ipairs({...}) do state[#state + 1] = it end
  end
  local own_end = user.bannedUntil or cjson.null
  if user.externalBan ~= 1 then
    add('status', user.status, 'bannedUntil', own_end)
  else
    local own = user.status == 'banned' and raw(object{'until', own_end}) or cjson.null
    add('status', 'banned', 'bannedUntil', cjson.null, 'ownBan', own)
  end
  add_change(state)
end

-- Puts a record in the place of another, or of none, and tells verifiers what is different.
local function save_user(before, after)
  local id, created_at = after.id, number_text(after.createdAt)
  local was = before or {}
  if was.email ~= after.email then
    if was.email then redis.call('HDEL', prefix .. 'emails', was.email) end
    if after.email then redis.call('HSET', prefix .. 'emails', after.email, id) end
  end
  index_roles(id, created_at, was.roles, after.roles)
  if has_ban(was) ~= has_ban(after) then
    if has_ban(after) then redis.call('ZADD', prefix .. 'banned', created_at, id)
    else redis.call('ZREM', prefix .. 'banned', id) end
  end
  if not before then redis.call('ZADD', prefix .. 'users', created_at, id) end
  after.row = pack(after, user_fields)
  redis.call('SET', prefix .. 'user:' .. id, after.row)
  if before and before.epoch ~= after.epoch then
    add_change_about(after, {'kind', 'user_epoch', 'userId', id, 'epoch', after.epoch})
  end
  if before and before.version ~= after.version then tell_state(after) end
end

-- Takes out a user whose sessions have ended. Whatever still names the id is older than what it begins with if it comes
-- back.
local function remove_user(user)
  index_roles(user.id, '0', user.roles, nil)
  if user.email then redis.call('HDEL', prefix .. 'emails', user.email) end
  for _, name in ipairs({'banned', 'users'}) do redis.call('ZREM', prefix .. name, user.id) end
  redis.call('HDEL', prefix .. 'search', user.id)
  redis.call('DEL', prefix .. 'user:' .. user.id)
  raise_floor(raised(math.max(user.version, user.epoch)))
  add_change_about(user, {'kind', 'user_deleted', 'userId', user.id, 'epoch', raised(user.epoch)})
end

-- A copy with other members.
local function with(row, members)
  local copy = {}
  for name, value in pairs(row) do copy[name] = value end
  for name, value in pairs(members) do copy[name] = value end
  return copy
end
`,
};
