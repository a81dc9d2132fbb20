-- name: current_data_key
-- The key that seals for a scope; `settled` once its maker's transaction must have ended.
select key_id, scope, wrapped, made_at < clock_timestamp() - interval '2 minutes' as settled
from identity.data_keys where scope = :scope and retired_at is null;

-- name: data_key
-- The key a value was sealed with, current or retired.
select key_id, scope, wrapped, true as settled from identity.data_keys where key_id = :key_id;

-- name: add_data_key
-- First use of a scope; of two that race, one key stands and both then read it.
insert into identity.data_keys (key_id, scope, wrapped)
values (:key_id, :scope, :wrapped)
on conflict (scope) where retired_at is null do nothing;
