import { key } from "../../lua/key.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** Makes each change true again where it is not (P13); tells how many had an effect. */
export const restoreChanges: Script = makeScript(
  "restoreChanges",
  [session, key],
  /* lua */ `
local restore = {}

local function audiences_of(it)
  return it.audiences and #it.audiences > 0 and cjson.encode(it.audiences) or '[]'
end

-- Also one that the store has lost: its tokens may live on, and must not pass for those of one never heard of. Nothing
-- that is there is touched, and what is written has ended: nothing can be revived by it (P4).
function restore.session_ended(it)
  local found = find_live(it.sessionId)
  if found then return end_live(found, 'revoked') end
  if read_session(it.sessionId) then return end
  local second = now - now % 1000
  local gone = {
    id = it.sessionId, userId = it.userId, client = '', createdAt = second, lastSeenAt = now, expiresAt = now,
    authTime = second, amr = '[]', data = '{}', epoch = 1, userEpoch = 0, globalEpoch = 0, version = 0,
    generation = 0, rotatedAt = now, endedAt = now, endReason = 'revoked', audiences = audiences_of(it),
  }
  save_session(gone)
  file_for_purge(gone)
  add_change_about(gone, {'kind', 'session_ended', 'sessionId', gone.id, 'userId', gone.userId})
end

-- Of whom there is no row that could say so; the log still tells whoever goes by it alone.
local function tell_of_user(it)
  add_change_about({ audiences = audiences_of(it) }, {'kind', it.kind, 'userId', it.userId, 'epoch', it.epoch})
end

function restore.session_epoch(it)
  local found = read_session(it.sessionId)
  if not found or found.endedAt or found.epoch >= it.epoch then return end
  found.epoch = it.epoch
  save_session(found)
  tell_epoch(found)
end

-- Who is not there may come back: above what the change says of them.
function restore.user_epoch(it)
  local user = read_user(it.userId)
  if not user then
    raise_floor(it.epoch)
    tell_of_user(it)
  elseif it.epoch > user.epoch then save_user(user, with(user, { epoch = it.epoch })) end
end

function restore.user_state(it)
  local user = read_user(it.userId)
  if not user then return raise_floor(it.version + 1) end
  if it.version <= user.version then return end
  local after = with(user, {
    version = it.version, roles = it.roles, status = it.locks.status, externalBan = it.locks.externalBan,
  })
  after.bannedUntil = it.locks.bannedUntil
  save_user(user, after)
end

function restore.user_deleted(it)
  raise_floor(it.epoch)
  local user = read_user(it.userId)
  if not user then return tell_of_user(it) end
  if user.epoch >= it.epoch then return end
  end_all(user, 'user_deleted')
  remove_user(user)
end

function restore.global_epoch(it)
  if it.epoch > global_epoch then set_global_epoch(it.epoch) end
end

-- Its secret half is not in the change.
function restore.key_added() end

function restore.key_retired(it)
  local found = read_key(it.keyId)
  if not found or (found.retiresAt and found.retiresAt <= it.retiresAt) then return end
  found.retiresAt = it.retiresAt
  save_key(found)
  tell_retired(found)
  redis.call('HINCRBY', KEYS[1], 'keys_version', 1)
end

local effective = 0
for _, it in ipairs(input.changes) do
  local before = #changes
  local make_good = restore[it.kind]
  if make_good then make_good(it) end
  if #changes > before then effective = effective + 1 end
end
return answer{'effective', effective}
`,
  ["allow-oom"],
);
