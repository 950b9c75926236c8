-- Decides in one step whether a request may go on, and counts it only if every limit lets it.
--
-- KEYS      one hash per limit: requests per slot, plus "slot" (newest), "first" (oldest), "total"
-- ARGV      1 the session's fact   2 the fact which organization the caller is in
--           3 prefix of the facts what an organization's plan allows   4 prefix of its limit's key
--           5.. quota, window in seconds and cost of each limit; cost 0 only looks
-- returns   session, organization, quota of the plan (0: unknown), then for each limit
--           what is left, ms until the oldest request leaves the window, ms to wait (0: may go on)
--
-- A window of w seconds is counted in 60 slots, and the slot that is leaving counts in full: in no
-- span of w seconds does more than the quota get through.
local SLOTS = 60
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function look(key, quota, window, cost)
  local width = window * 1000 / SLOTS
  local slot = math.floor(now / width)
  local seen = redis.call('HMGET', key, 'slot', 'total', 'first', slot)
  local limit = {key = key, quota = quota, cost = cost, width = width, slot = slot,
                 total = 0, first = slot, hits = 0, moved = true}
  local newest = tonumber(seen[1])
  if newest == slot then
    limit.total, limit.first = tonumber(seen[2]), tonumber(seen[3])
    limit.hits, limit.moved = tonumber(seen[4]), false
  elseif newest then
    local gone, all = {}, redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      local s = tonumber(all[i])
      if s and s < slot - SLOTS then
        gone[#gone + 1] = all[i]
      elseif s then
        limit.total = limit.total + all[i + 1]
        limit.first = math.min(limit.first, s)
      end
    end
    limit.hits = tonumber(seen[4]) or 0
    if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  end
  return limit
end

local function count(limit)
  redis.call('HSET', limit.key, 'slot', limit.slot, 'total', limit.total + limit.cost,
             'first', limit.first, limit.slot, limit.hits + limit.cost)
  if limit.moved then
    redis.call('PEXPIRE', limit.key, math.ceil(limit.width * (SLOTS + 2)))
  end
  limit.total = limit.total + limit.cost
end

local function leaves(limit, slot)
  return math.max(1, math.ceil((slot + SLOTS + 1) * limit.width - now))
end

local function wait(limit)
  local slots, hits, all = {}, {}, redis.call('HGETALL', limit.key)
  for i = 1, #all, 2 do
    local s = tonumber(all[i])
    if s then slots[#slots + 1] = s; hits[s] = tonumber(all[i + 1]) end
  end
  table.sort(slots)
  local total = limit.total
  for _, s in ipairs(slots) do
    total = total - hits[s]
    if total < limit.quota then return leaves(limit, s) end
  end
  return leaves(limit, limit.slot)
end

local limits = {}
for i = 1, #KEYS do
  local at = 2 + i * 3
  limits[i] = look(KEYS[i], tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]))
end

local session = ARGV[1] ~= '' and redis.call('GET', ARGV[1])
local organization = ARGV[2] ~= '' and redis.call('GET', ARGV[2])
local plan = organization and tonumber(redis.call('GET', ARGV[3] .. organization) or nil)
if plan then limits[#limits + 1] = look(ARGV[4] .. organization, plan, 60, 1) end

local refused = false
for _, limit in ipairs(limits) do
  limit.refused = limit.total + math.max(limit.cost, 1) > limit.quota
  refused = refused or limit.refused
end

local answer = {session, organization, plan or 0}
for _, limit in ipairs(limits) do
  if not refused and limit.cost > 0 then count(limit) end
  answer[#answer + 1] = math.max(0, limit.quota - limit.total)
  answer[#answer + 1] = leaves(limit, limit.first)
  answer[#answer + 1] = limit.refused and wait(limit) or 0
end
return answer
