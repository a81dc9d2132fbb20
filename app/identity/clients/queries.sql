-- name: client
-- A program that may act, with its public keys.
select client_id, name, jwks, scopes, jwks_uri, jwks_fetched_at from identity.clients
where client_id = :client_id and state = 'active';

-- name: add_client
-- A program is registered once; its keys are public.
insert into identity.clients (client_id, name, jwks, jwks_uri, jwks_fetched_at, scopes, made_at)
values (:client_id, :name, :jwks, :jwks_uri, :fetched_at, :scopes::text[], :now)
on conflict (client_id) do nothing;

-- name: set_scopes
-- What the development database's own program may do, also where it was made by an older version.
update identity.clients set scopes = :scopes::text[]
where client_id = :client_id and scopes <> :scopes::text[];

-- name: suspend_client
-- From now on its assertions are refused.
update identity.clients set state = 'suspended' where client_id = :client_id and state = 'active';

-- name: replace_keys
-- The program's own row: its keys from now on, and where it publishes them if it does.
update identity.clients set jwks = :jwks, jwks_uri = :jwks_uri, jwks_fetched_at = :fetched_at
where client_id = :client_id and state = 'active';

-- name: take_fetch
-- One caller at a time asks a program's address, and nobody more often than that.
update identity.clients set jwks_tried_at = :at
where client_id = :client_id and jwks_uri is not null
  and (jwks_tried_at is null or jwks_tried_at < :not_since);

-- name: keep_fetched
-- What stands at the address now, unless the address was changed meanwhile.
update identity.clients set jwks = :jwks, jwks_fetched_at = :at
where client_id = :client_id and jwks_uri = :jwks_uri and state = 'active';

-- name: set_quota
-- How often the program may call from now on.
update identity.clients set per_minute = :per_minute, per_day = :per_day
where client_id = :client_id;

-- name: quota
-- How often the program may call.
select per_minute, per_day from identity.clients where client_id = :client_id;

-- name: take_call
-- Counts a call before it is looked at; a minute or a day that has begun since starts at one.
with taken as (
  insert into identity.client_usage as u (client_id, span, began_at, count)
  values (:client_id, 'day', :day, 1), (:client_id, 'minute', :minute, 1)
  on conflict (client_id, span) do update set
    count = case when excluded.began_at > u.began_at then 1 else u.count + 1 end,
    began_at = greatest(u.began_at, excluded.began_at)
  returning span, count
)
select c.per_minute, c.per_day,
  (select count from taken where span = 'minute') as this_minute,
  (select count from taken where span = 'day') as this_day
from identity.clients c where c.client_id = :client_id;

-- name: clients
-- The registered programs, for the bank's operators; there are few.
select client_id, name, scopes, state, jwks_uri, per_minute, per_day, made_at
from identity.clients order by made_at, client_id limit 500;

-- name: registered
-- One program as the bank's operators see it.
select client_id, name, scopes, state, jwks_uri, per_minute, per_day, made_at
from identity.clients where client_id = :client_id;
