import { sessionFields } from "../rows/session.ts";
import { luaList, type Piece } from "./piece.ts";
import { user } from "./user.ts";

/**
 * How long a row stays after the session's death, in ms. Longer than `purgeSessions` is asked to wait, so that a
 * denylist finds it; Redis removes it then even if nobody purges.
 */
const keep = 3 * 86_400_000;

/** Sessions. A row is one string; a user's sessions are listed by the moment they were made, those to purge by the hour of death. */
export const session: Piece = {
  needs: [user],
  text: /* lua */ `
local session_fields = ${luaList(sessionFields)}
local keep = ${keep}

local function to_session(id, text)
  local session = unpack_row(text, session_fields)
  session.id, session.row = id, text
  return session
end

local function read_session(id)
  local text = redis.call('GET', prefix .. 'session:' .. id)
  return text and to_session(id, text) or nil
end

-- As it was read or saved.
local function session_json(session)
  return session and with_id(session.id, session.row) or raw('null')
end

-- When it is dead without anybody ending it.
local function limit_of(session)
  if not session.idleTimeout then return session.expiresAt end
  return math.min(session.expiresAt, session.lastSeenAt + session.idleTimeout * 1000)
end

local function dies_at(session)
  return session.endedAt or limit_of(session)
end

-- Not ended, within both limits, and of no lower epoch than the user and the store have now.
local function is_live(session, user)
  return session.endedAt == nil and limit_of(session) > now and user ~= nil
    and session.userEpoch >= user.epoch and session.globalEpoch >= global_epoch
end

local function find_live(id)
  local session = read_session(id)
  if session and is_live(session, read_user(session.userId)) then return session end
  return nil
end

-- The time to live is counted from now, whatever clock the store goes by.
local function save_session(session)
  local left = math.max(dies_at(session) - now, 0) + keep
  session.row = pack(session, session_fields)
  redis.call('SET', prefix .. 'session:' .. session.id, session.row, 'PX', number_text(left))
end

-- Notes in which hour purging has to look at it. Use may put that off, and is not noted: see there.
local function file_for_purge(session)
  local hour = number_text(math.floor(dies_at(session) / 3600000))
  redis.call('RPUSH', prefix .. 'due:' .. hour, session.id)
  redis.call('ZADD', prefix .. 'due', hour, hour)
end

local function insert_session(session)
  save_session(session)
  file_for_purge(session)
  local of_user = prefix .. 'sessions:' .. session.userId
  redis.call('ZADD', of_user, number_text(now), session.id)
  local left = math.max(session.expiresAt - now, 0) + keep
  if redis.call('PTTL', of_user) < left then redis.call('PEXPIRE', of_user, number_text(left)) end
end

-- A stretch of the user's list, newest first: each with the moment it was made, of which its row shows the whole second.
local function sessions_between(of_user, first, last)
  local listed = redis.call('ZREVRANGE', of_user, first, last, 'WITHSCORES')
  local names, found, gone = {}, {}, {}
  for i = 1, #listed, 2 do names[#names + 1] = prefix .. 'session:' .. listed[i] end
  if #names == 0 then return found, gone, 0 end
  for i, text in ipairs(redis.call('MGET', unpack(names))) do
    local id = listed[i * 2 - 1]
    if text then
      local session = to_session(id, text)
      session.madeAt = tonumber(listed[i * 2])
      found[#found + 1] = session
    else
      gone[#gone + 1] = id
    end
  end
  return found, gone, #names
end

-- The user's live sessions, newest first. With "enough" no more are looked for once so many are found, but for those of
-- the same moment as the last.
local function live_sessions(user, enough)
  local of_user, live, first = prefix .. 'sessions:' .. user.id, {}, 0
  while true do
    local found, _, count = sessions_between(of_user, first, first + 99)
    for _, session in ipairs(found) do
      if enough and #live >= enough and (#live == 0 or session.madeAt ~= live[#live].madeAt) then return live end
      if is_live(session, user) then live[#live + 1] = session end
    end
    if count < 100 then return live end
    first = first + count
  end
end

-- All of them, for a step that writes: the list forgets those whose rows are gone.
local function all_live(user)
  local of_user, live, first = prefix .. 'sessions:' .. user.id, {}, 0
  while true do
    local found, gone, count = sessions_between(of_user, first, first + 99)
    for _, session in ipairs(found) do
      if is_live(session, user) then live[#live + 1] = session end
    end
    for _, id in ipairs(gone) do redis.call('ZREM', of_user, id) end
    if count < 100 then return live end
    first = first + count - #gone
  end
end

-- Tells that older credentials of the session carry a lower epoch.
local function tell_epoch(session)
  add_change_about(session, {
    'kind', 'session_epoch', 'sessionId', session.id, 'userId', session.userId, 'epoch', session.epoch,
  })
end

-- Ends a live session: the one place that does. An ended row is never written again (P4).
local function end_live(session, reason)
  session.epoch = session.epoch + 1
  session.endedAt = now
  session.endReason = reason
  save_session(session)
  file_for_purge(session)
  redis.call('ZREM', prefix .. 'sessions:' .. session.userId, session.id)
  add_change_about(session, {'kind', 'session_ended', 'sessionId', session.id, 'userId', session.userId})
end

-- Ends all but one, and tells how many.
local function end_all(user, reason, except)
  local ended = 0
  for _, session in ipairs(all_live(user)) do
    if session.id ~= except then
      end_live(session, reason)
      ended = ended + 1
    end
  end
  return ended
end
`,
};
