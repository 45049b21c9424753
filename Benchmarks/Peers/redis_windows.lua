-- SPDX-License-Identifier: Apache-2.0
-- Adds a transaction to its card's sorted set and finds five exact counters over the last 24 hours.
-- KEYS[1]: the card. ARGV: time in ms, number of the transaction, terminal, minor units, 1 for a wrong PIN.
local card, now = KEYS[1], tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', card, '-inf', now - 86400000)
redis.call('ZADD', card, now, table.concat(ARGV, ':', 2, 5) .. ':' .. ARGV[1])
redis.call('PEXPIRE', card, 86400000)
local payments, sum, terminals, wrong, large = 0, 0, 0, 0, 0
local seen, seenLarge = {}, {}
for _, member in ipairs(redis.call('ZRANGE', card, 0, -1)) do
    local terminal, amount, pin, at = string.match(member, '^%d+:(%d+):(%d+):(%d):(%d+)$')
    local age = now - at
    amount = tonumber(amount)
    sum = sum + amount
    if amount >= 50000 and not seenLarge[terminal] then
        seenLarge[terminal] = true
        large = large + 1
    end
    if age < 3600000 then
        if not seen[terminal] then
            seen[terminal] = true
            terminals = terminals + 1
        end
        if age < 900000 and pin == '1' then wrong = wrong + 1 end
        if age < 600000 then payments = payments + 1 end
    end
end
return {payments, sum, terminals, wrong, large}
