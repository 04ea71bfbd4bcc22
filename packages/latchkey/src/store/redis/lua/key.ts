import { keyFields } from "../rows/key.ts";
import { change } from "./change.ts";
import { luaList, type Piece } from "./piece.ts";

/** Keys: a hash, for there are few. */
export const key: Piece = {
  needs: [change],
  text: /* lua */ `
local key_fields = ${luaList(keyFields)}

local function read_key(id)
  local text = redis.call('HGET', prefix .. 'keys', id)
  return text and unpack_row(text, key_fields) or nil
end

local function key_json(key)
  return raw(pack(key, key_fields))
end

local function is_retired(key)
  return key.retiresAt ~= nil and key.retiresAt <= now
end

local function all_keys()
  local keys = {}
  for _, text in ipairs(redis.call('HVALS', prefix .. 'keys')) do keys[#keys + 1] = unpack_row(text, key_fields) end
  return keys
end

-- Those of a purpose that are not retired.
local function keys_of(purpose)
  local found = {}
  for _, key in ipairs(all_keys()) do
    if key.purpose == purpose and not is_retired(key) then found[#found + 1] = key end
  end
  return found
end

local function save_key(key)
  redis.call('HSET', prefix .. 'keys', key.id, pack(key, key_fields))
end

local function insert_key(given, activates_at)
  local key = {
    id = given.id, purpose = given.purpose, algorithm = given.algorithm, sealed = given.sealed,
    publicJwk = given.publicJwk, createdAt = now, activatesAt = activates_at,
  }
  save_key(key)
  redis.call('HINCRBY', KEYS[1], 'keys_version', 1)
  -- What marks opaque tokens and seals is of no use to verifiers.
  if key.purpose ~= 'access' then return key end
  add_change{'kind', 'key_added', 'keyId', key.id, 'activatesAt', activates_at}
  return key
end

local function tell_retired(key)
  add_change{'kind', 'key_retired', 'keyId', key.id, 'retiresAt', key.retiresAt}
end

local function retire_key(key, retires_at)
  key.retiresAt = retires_at
  save_key(key)
  if key.purpose == 'access' then tell_retired(key) end
end
`,
};
