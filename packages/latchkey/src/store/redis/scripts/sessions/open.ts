import { audit } from "../../lua/audit.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** Signs in, or up and in. Everything that refuses or fails comes before the first write. */
export const openSession: Script = makeScript(
  "openSession",
  [session, audit],
  /* lua */ `
-- Who may sign in at this moment: the one who was checked before, unchanged, or a new one.
local function admit()
  local create = input.create
  if create then
    if email_owner(create.email) then return nil, refuse('email_taken') end
    if read_user(create.id) then return nil, redis.error_reply('LATCHKEY taken user ' .. create.id) end
    return new_user(create, 0)
  end
  local user = read_user(input.userId)
  if not user then return nil, refuse('user_not_found') end
  if is_banned(user) then return nil, refuse('user_banned') end
  if user.epoch ~= input.epoch then return nil, refuse('conflict') end
  return user
end

-- Which of the user's live sessions make room for one more, oldest first; nil if the limit refuses it.
local function make_room(live, limit)
  if #live < limit.max then return {} end
  if limit.onLimit == 'refuse' then return nil end
  table.sort(live, function(a, b)
    if a.madeAt ~= b.madeAt then return a.madeAt < b.madeAt end
    return is_before(a.id, b.id)
  end)
  local evicted = {}
  -- More than one where the limit has been lowered since.
  for i = 1, #live - math.max(limit.max - 1, 0) do evicted[i] = live[i] end
  return evicted
end

local user, refused = admit()
if not user then return refused end
local given = input.session
local replaced = input.replaces and find_live(input.replaces)
-- Without a session row no client is named: then the caller's word that it is the same one counts.
if replaced and given and replaced.client ~= given.client then replaced = nil end

local evicted = {}
if given and input.limit then
  local others = {}
  for _, it in ipairs(input.create and {} or all_live(user)) do
    if not replaced or it.id ~= replaced.id then others[#others + 1] = it end
  end
  evicted = make_room(others, input.limit)
  if not evicted then return refuse('session_limit') end
end
if given and redis.call('EXISTS', prefix .. 'session:' .. given.id) == 1 then
  return redis.error_reply('LATCHKEY taken session ' .. given.id)
end

if input.create then
  save_user(nil, user)
  index_search(user.id, input.create.foundBy)
end
if replaced then end_live(replaced, 'replaced') end
local evicted_ids = {}
for i, it in ipairs(evicted) do
  end_live(it, 'evicted')
  evicted_ids[i] = json(it.id)
end

local opened
if given then
  -- Times start on a whole second, as a JWT shows them.
  local second = math.floor(now / 1000) * 1000
  opened = {
    id = given.id, userId = user.id, client = given.client,
    createdAt = second, lastSeenAt = now, expiresAt = second + given.expiresIn * 1000,
    idleTimeout = given.idleTimeout, authTime = second, amr = given.amr, ip = given.ip,
    userAgent = given.userAgent, data = '{}', epoch = 0, userEpoch = user.epoch, globalEpoch = global_epoch,
    version = 0, tokenHash = given.tokenHash, generation = 0, rotatedAt = now, refreshSalt = given.refreshSalt,
    audiences = '[]',
  }
  insert_session(opened)
end
write_audit()
return answer{
  'ok', raw('true'), 'user', user_json(user), 'session', session_json(opened), 'globalEpoch', global_epoch,
  'keysVersion', keys_version, 'now', now, 'evicted', raw(array(evicted_ids)),
}
`,
);
