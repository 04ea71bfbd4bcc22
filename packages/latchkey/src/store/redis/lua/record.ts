import type { Piece } from "./piece.ts";

/**
 * Records as they are kept: a JSON list of their members in a fixed order, so that JavaScript reads a row as it
 * is. Lua sees them as tables by name, without the members that are null. Lists and objects inside are JSON text.
 */
export const record: Piece = {
  needs: [],
  text: /* lua */ `
-- cjson writes no more than 14 digits.
local function number_text(value)
  return string.format(value % 1 == 0 and '%.0f' or '%.17g', value)
end

local function json(value)
  -- What Redis does not have comes as false.
  if not value or value == cjson.null then return 'null' end
  if type(value) == 'number' then return number_text(value) end
  if type(value) == 'table' then return value.json end
  return cjson.encode(value)
end

-- JSON text that goes into another one as it is.
local function raw(text)
  return { json = text }
end

-- An object of names and values in turn. No value may be nil: a list ends at it.
local function object(members)
  local parts = {}
  for i = 1, #members, 2 do
    parts[#parts + 1] = '"' .. members[i] .. '":' .. json(members[i + 1])
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

local function array(texts)
  return '[' .. table.concat(texts, ',') .. ']'
end

local function pack(row, fields)
  local values, is_exact = {}, true
  for i, name in ipairs(fields) do
    local value = row[name]
    if value == nil then value = cjson.null end
    if type(value) == 'number' and (value % 1 ~= 0 or value >= 1e14) then is_exact = false end
    values[i] = value
  end
  if is_exact then return cjson.encode(values) end
  for i, value in ipairs(values) do values[i] = json(value) end
  return array(values)
end

-- A row as it is answered: with the id, which is in its key, before its members.
local function with_id(id, text)
  return raw(text and '[' .. cjson.encode(id) .. ',' .. string.sub(text, 2) or 'null')
end

local function unpack_row(text, fields)
  local row = {}
  local values = cjson.decode(text)
  for i, name in ipairs(fields) do
    if values[i] ~= cjson.null then row[name] = values[i] end
  end
  return row
end

-- Not by "<": the server's locale decides about that.
local function is_before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
`,
};
