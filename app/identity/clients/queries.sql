-- name: client
-- A program that may act, with its public keys.
select client_id, name, jwks, scopes from identity.clients
where client_id = :client_id and state = 'active';

-- name: add_client
-- A program is registered once; its keys are public.
insert into identity.clients (client_id, name, jwks, scopes, made_at)
values (:client_id, :name, :jwks, :scopes::text[], :now)
on conflict (client_id) do nothing;

-- name: suspend_client
-- From now on its assertions are refused.
update identity.clients set state = 'suspended' where client_id = :client_id and state = 'active';

-- name: replace_keys
-- The program's own row: its keys from now on.
update identity.clients set jwks = :jwks where client_id = :client_id and state = 'active';

-- name: clients
-- The registered programs, for the bank's operators; there are few.
select client_id, name, scopes, state, made_at from identity.clients
order by made_at, client_id limit 500;

-- name: registered
-- One program as the bank's operators see it.
select client_id, name, scopes, state, made_at from identity.clients where client_id = :client_id;
