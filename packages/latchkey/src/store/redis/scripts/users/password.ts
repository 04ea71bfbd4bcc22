import { audit } from "../../lua/audit.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { session } from "../../lua/session.ts";

/** Sets the hash; ends every session but the kept one, which gets a new credential (P3). */
export const changePassword: Script = makeScript(
  "changePassword",
  [session, audit],
  /* lua */ `
local before = read_user(input.userId)
if not before then return refuse('user_not_found') end
if before.epoch ~= input.epoch then return refuse('conflict') end
local keep, kept = input.keep, nil
if keep then
  kept = find_live(keep.id)
  if not kept or kept.userId ~= before.id then return refuse('session_ended') end
end

local after = with(before, { epoch = raised(before.epoch) })
-- None where the application keeps it.
after.passwordHash = input.passwordHash
local ended = end_all(before, 'password_changed', kept and kept.id)
save_user(before, after)
if kept then
  -- See "raisedEpoch" in store/records.ts.
  kept.epoch = math.max(kept.epoch + 1, math.floor((now - kept.createdAt) / 100))
  kept.userEpoch, kept.tokenHash = after.epoch, keep.tokenHash
  save_session(kept)
  tell_epoch(kept)
end
write_audit()
return answer{
  'ok', raw('true'), 'user', user_json(after), 'session', session_json(kept), 'globalEpoch', global_epoch,
  'keysVersion', keys_version, 'now', now, 'ended', ended,
}
`,
  ["allow-oom"],
);
