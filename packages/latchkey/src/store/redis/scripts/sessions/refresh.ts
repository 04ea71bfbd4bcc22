import { audit } from "../../lua/audit.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** Judges a refresh as `store/rules/refresh.ts` does (P19-P21), and writes what came of it. */
export const refreshSession: Script = makeScript(
  "refreshSession",
  [session, audit],
  /* lua */ `
local found = read_session(input.id)
local user = found and read_user(found.userId)

local function refused_as()
  if not found or found.endedAt then return 'session_ended' end
  local user_epoch = user and user.epoch or found.userEpoch
  if found.userEpoch < user_epoch or found.globalEpoch < global_epoch then return 'session_ended' end
  if limit_of(found) <= now then return 'session_expired' end
  if found.client ~= input.client then return 'credential_invalid' end
  -- A ban and a deletion end every session, so this is the second lock on the same door.
  if not user or is_banned(user) then return 'account_unavailable' end
  -- Made before the credential was renewed: no theft, and nothing ends (P3).
  if found.epoch ~= input.epoch then return 'credential_renewed' end
end

-- nil: neither the newest nor a retry of the request that made it, so two parties hold this family.
local function outcome_of()
  local is_young = now - found.rotatedAt < input.grace
  if input.generation == found.generation then return is_young and 'kept' or 'rotated' end
  if input.generation > found.generation then return 'recovered' end
  if input.generation ~= found.generation - 1 then return nil end
  local is_retry = input.rotationKey ~= nil and input.rotationKey == found.rotationKey
  return (is_young or is_retry) and 'replayed' or nil
end

local code = refused_as()
if code then return refuse(code) end
local outcome = outcome_of()
if not outcome then
  end_live(found, 'refresh_reused')
  write_audit()
  return answer{'ok', raw('false'), 'code', 'refresh_reused'}
end
if outcome == 'kept' then
  found.rotationKey = nil
elseif outcome == 'rotated' then
  found.generation, found.rotatedAt, found.rotationKey = found.generation + 1, now, input.rotationKey
elseif outcome == 'recovered' then
  found.generation, found.rotatedAt, found.rotationKey = input.generation, now, nil
end
found.lastSeenAt = now
save_session(found)
return answer{
  'ok', raw('true'), 'user', user_json(user), 'session', session_json(found), 'globalEpoch', global_epoch,
  'keysVersion', keys_version, 'now', now, 'outcome', outcome,
}
`,
  ["allow-oom"],
);
