import { audit } from "../../lua/audit.ts";
import { makeScript, type Piece, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** What becomes of a user by each change, as in `store/rules/changes.ts`, and who is in charge. */
const standing: Piece = {
  needs: [session],
  text: /* lua */ `
local function with_roles(user, roles)
  if user.roles == roles then return user end
  return with(user, { roles = roles, version = raised(user.version) })
end

-- A ban always is a change: it ends what was issued until now, also where an earlier one did so before.
local function with_ban(user, ban_until, reason)
  local banned = with(user, { status = 'banned', version = raised(user.version), epoch = raised(user.epoch) })
  banned.bannedUntil, banned.banReason = ban_until, reason
  return banned
end

local function without_ban(user)
  if user.status == 'active' then return user end
  local free = with(user, { status = 'active', version = raised(user.version) })
  free.bannedUntil, free.banReason = nil, nil
  return free
end

local function set_of(roles)
  local set = {}
  for _, role in ipairs(cjson.decode(roles)) do set[role] = true end
  return set
end

-- Whether two lists name the same roles, in whatever order.
local function is_same_set(a, b)
  if a == b then return true end
  local one, other = set_of(a), set_of(b)
  for role in pairs(one) do if not other[role] then return false end end
  for role in pairs(other) do if not one[role] then return false end end
  return true
end

local function is_in_charge(user)
  if is_banned(user) then return false end
  for _, role in ipairs(cjson.decode(user.roles)) do
    for _, wanted in ipairs(input.keepOneOf) do
      if role == wanted then return true end
    end
  end
  return false
end

-- Whether the change would leave nobody in charge; "after" is nil if the user is deleted.
local function is_last(before, after)
  if not input.keepOneOf or not is_in_charge(before) or (after and is_in_charge(after)) then return false end
  for _, role in ipairs(input.keepOneOf) do
    for _, id in ipairs(redis.call('ZRANGE', prefix .. 'role:' .. role, 0, -1)) do
      if id ~= before.id and is_in_charge(read_user(id)) then return false end
    end
  end
  return true
end
`,
};

export const setRoles: Script = makeScript(
  "setRoles",
  [standing, audit],
  /* lua */ `
local before = read_user(input.id)
if not before then return refuse('user_not_found') end
if before.externalRoles == 1 then return refuse('kept_elsewhere') end
local after = with_roles(before, input.roles)
if is_last(before, after) then return refuse('last_administrator') end
if after ~= before then
  save_user(before, after)
  write_audit()
end
return answer{'ok', raw('true'), 'user', user_json(after)}
`,
  ["allow-oom"],
);

export const banUser: Script = makeScript(
  "banUser",
  [standing, audit],
  /* lua */ `
local before = read_user(input.id)
if not before then return refuse('user_not_found') end
if input.epoch and before.epoch ~= input.epoch then return refuse('conflict') end
local after = with_ban(before, input['until'], input.reason)
if is_last(before, after) then return refuse('last_administrator') end
local ended = end_all(before, 'banned')
save_user(before, after)
write_audit()
return answer{'ok', raw('true'), 'user', user_json(after), 'ended', ended}
`,
  ["allow-oom"],
);

export const unbanUser: Script = makeScript(
  "unbanUser",
  [standing, audit],
  /* lua */ `
local before = read_user(input.id)
if not before then return refuse('user_not_found') end
local after = without_ban(before)
if after ~= before then
  save_user(before, after)
  write_audit()
end
return answer{'ok', raw('true'), 'user', user_json(after)}
`,
);

export const deleteUser: Script = makeScript(
  "deleteUser",
  [standing, audit],
  /* lua */ `
local user = read_user(input.id)
if not user then return refuse('user_not_found') end
if input.epoch and user.epoch ~= input.epoch then return refuse('conflict') end
if is_last(user, nil) then return refuse('last_administrator') end
local ended = end_all(user, 'user_deleted')
remove_user(user)
write_audit()
return answer{'ok', raw('true'), 'ended', ended}
`,
  ["allow-oom"],
);

/**
 * The record as the application's own table says. Each side turns its own lock only: a ban of ours stays whatever the
 * table says, and what the table leaves out stays as it is.
 */
export const syncUser: Script = makeScript(
  "syncUser",
  [standing, audit],
  /* lua */ `
local external = input.external
local found = read_user(external.id)

-- Whether the record still is the one that was read then, or whether there still is none.
local function is_as_read(from)
  if not found or not from.record then return not found and not from.record end
  for _, member in ipairs({'version', 'epoch', 'email', 'name', 'externalRoles'}) do
    if found[member] ~= from.record[member] then return false end
  end
  return true
end
if input.from and not is_as_read(input.from) then return refuse('conflict') end

local before = found or new_user(external, user_floor())
local after = with(before, {
  externalBan = external.status == 'banned' and 1 or 0, externalRoles = external.roles and 1 or 0,
})
after.email, after.name = external.email, external.name
if external.roles and not is_same_set(before.roles, external.roles) then after.roles = external.roles end
-- Roles and ban at once are one change.
if after.roles ~= before.roles or after.externalBan ~= before.externalBan then after.version = raised(before.version) end
if after.externalBan > before.externalBan then after.epoch = raised(before.epoch) end

local is_same = found and after.version == before.version and after.externalRoles == before.externalRoles
  and after.email == before.email and after.name == before.name
if is_same then return answer{'ok', raw('true'), 'user', user_json(found), 'ended', 0} end

local ended = after.epoch > before.epoch and end_all(before, 'banned') or 0
-- An address is one user's. What the application says now is true, so our record of another who had it is not.
local owner = email_owner(after.email)
if owner and owner ~= after.id then
  local other = read_user(owner)
  local freed = with(other, {})
  freed.email = nil
  save_user(other, freed)
  index_search_part(owner, 2, nil)
end
save_user(found, after)
index_search(after.id, external.foundBy)
write_audit()
return answer{'ok', raw('true'), 'user', user_json(after), 'ended', ended}
`,
  ["allow-oom"],
);
