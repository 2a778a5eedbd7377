export VALKEYCLI_AUTH="$VALKEY_PASSWORD" REDISCLI_AUTH="$VALKEY_PASSWORD"
cli() { valkey-cli -e -h db "$@" </dev/null; }
prepare() { cli ping >/dev/null; }
add_1() { cli hset rows "$1" "note $1" >/dev/null; }
add_2() { test "$(cli hget rows schema)" = 2 && cli hset rows "$1" '' >/dev/null; }
migrate() { cli eval "for _, key in ipairs(redis.call('hkeys', 'rows')) do redis.call('hset', 'rows', key, '') end redis.call('hset', 'rows', 'schema', '2') return 1" 0 >/dev/null; }
rows_1() { test "$(cli hexists rows schema)" = 0 && pairs; }
rows_2() { cli hdel rows nothing >/dev/null && pairs; }
pairs() { cli eval "local all = redis.call('hgetall', 'rows') local out = {} for i = 1, #all, 2 do if all[i] ~= 'schema' then out[#out + 1] = all[i] .. '|' .. all[i + 1] end end return out" 0; }
