import { audit } from "../lua/audit.ts";
import { key } from "../lua/key.ts";
import { makeScript, type Script } from "../lua/piece.ts";

/** All of them, and the clock that says which are retired. */
export const listKeys: Script = makeScript(
  "listKeys",
  [key],
  /* lua */ `
local rows = {}
for _, it in ipairs(all_keys()) do
  if not is_retired(it) then rows[#rows + 1] = key_json(it).json end
end
return object{'keys', raw(array(rows)), 'keysVersion', keys_version}
`,
  ["allow-oom"],
);

export const addFirstKey: Script = makeScript(
  "addFirstKey",
  [key],
  /* lua */ `
local given = input.key
for _, it in ipairs(keys_of(given.purpose)) do
  if it.algorithm == given.algorithm then return answer{'done', raw('false')} end
end
if read_key(given.id) then return redis.error_reply('LATCHKEY taken key ' .. given.id) end
insert_key(given, now)
return answer{'done', raw('true')}
`,
);

/** When the new key signs, and when those that it replaces are accepted for the last time: as in `store/rules/keys.ts`. */
export const rotateKey: Script = makeScript(
  "rotateKey",
  [key, audit],
  /* lua */ `
local given, compromised = input.key, input.compromised
local replaced = keys_of(given.purpose)
for _, it in ipairs(replaced) do
  if it.activatesAt > now and not compromised then return answer{'key', key_json(it)} end
end
if read_key(given.id) then return redis.error_reply('LATCHKEY taken key ' .. given.id) end

local activates_at = compromised and now or now + input.activatesIn
-- A compromised key is not waited for: whatever it made is refused from this moment.
local longest_life = tonumber(redis.call('HGET', KEYS[1], 'longest_life'))
local retires_at = compromised and now or activates_at + math.max(input.overlap, longest_life)
local added = insert_key(given, activates_at)
for _, it in ipairs(replaced) do
  -- What was replaced before has its time already, which only a compromise shortens.
  if it.retiresAt == nil or compromised then retire_key(it, retires_at) end
end
write_audit()
return answer{'key', key_json(added)}
`,
  ["allow-oom"],
);

export const resealKey: Script = makeScript(
  "resealKey",
  [key],
  /* lua */ `
local found = read_key(input.id)
local is_same = found ~= nil and found.sealed == input.from
if is_same then
  found.sealed = input.to
  save_key(found)
end
return object{'done', raw(tostring(is_same))}
`,
);
