import { audit } from "../../lua/audit.ts";
import { makeScript, type Script } from "../../lua/piece.ts";
import { user } from "../../lua/user.ts";

export const createUser: Script = makeScript(
  "createUser",
  [user, audit],
  /* lua */ `
local create = input.create
if input.unlessRole and redis.call('EXISTS', prefix .. 'role:' .. input.unlessRole) == 1 then
  return refuse('role_taken')
end
if email_owner(create.email) then return refuse('email_taken') end
if read_user(create.id) then return redis.error_reply('LATCHKEY taken user ' .. create.id) end
local made = new_user(create, 0)
save_user(nil, made)
index_search(made.id, create.foundBy)
write_audit()
return answer{'ok', raw('true'), 'user', user_json(made)}
`,
);

export const updateUser: Script = makeScript(
  "updateUser",
  [user, audit],
  /* lua */ `
local before = read_user(input.id)
if not before then return refuse('user_not_found') end
local after = with(before, {})
after.name = input.name
if before.name ~= after.name then
  save_user(before, after)
  index_search_part(after.id, 3, input.foundByName)
  write_audit()
end
return answer{'ok', raw('true'), 'user', user_json(after)}
`,
);
