-- name: limit_of
-- One person's limits as they stand; nothing is locked, for checks before a second person decides.
select person_id, single_fen, daily_fen, day, used_fen, version, by_device
from accounts.person_limits where business_id = :business_id and person_id = :person;

-- name: lock_limit
-- Two payments of one person count one after the other.
select person_id, single_fen, daily_fen, day, used_fen, version, by_device
from accounts.person_limits where business_id = :business_id and person_id = :person
for no key update;

-- name: begin_limit
-- The first payment of a person starts from the bank's policy; a concurrent one finds the row.
insert into accounts.person_limits
  (business_id, person_id, single_fen, daily_fen, day, used_fen, version)
values (:business_id, :person, :single_fen, :daily_fen, :today, 0, 1)
on conflict (business_id, person_id) do nothing;

-- name: save_usage
-- What is used of the day, on the row that is locked.
update accounts.person_limits set day = :day, used_fen = :used_fen
where business_id = :business_id and person_id = :person;

-- name: change_limit
-- Only the version that was seen is replaced.
update accounts.person_limits
set single_fen = :single_fen, daily_fen = :daily_fen, version = version + 1
where business_id = :business_id and person_id = :person and version = :version;

-- name: limits_of_firm
-- All limits set in the firm, for its owner.
select person_id, single_fen, daily_fen, day, used_fen, version, by_device
from accounts.person_limits where business_id = :business_id order by person_id limit 200;

-- name: role_of
-- The role of a member of the firm decides where the policy starts.
select role from identity.memberships
where business_id = :business_id and person_id = :person and state = 'active';

-- name: lock_device
-- Two payments through one device count one after the other; after the person's row.
select person_id, session_id, single_fen, daily_fen, day, used_fen, version
from accounts.device_limits
where business_id = :business_id and person_id = :person and session_id = :session_id
for no key update;

-- name: device_of
-- The limit of one device; nothing is locked.
select person_id, session_id, single_fen, daily_fen, day, used_fen, version
from accounts.device_limits
where business_id = :business_id and person_id = :person and session_id = :session_id;

-- name: devices_of
-- The devices of one person that have a limit.
select person_id, session_id, single_fen, daily_fen, day, used_fen, version
from accounts.device_limits
where business_id = :business_id and person_id = :person order by session_id limit 200;

-- name: save_device_usage
-- What is used of the device's day, on the row that is locked.
update accounts.device_limits set day = :day, used_fen = :used_fen
where business_id = :business_id and person_id = :person and session_id = :session_id;

-- name: begin_device
-- The first limit of a device; a concurrent first one wins and is found changed.
insert into accounts.device_limits
  (business_id, person_id, session_id, single_fen, daily_fen, day)
values (:business_id, :person, :session_id, :single_fen, :daily_fen, :today)
on conflict (business_id, person_id, session_id) do nothing;

-- name: change_device
-- Only the version that was seen is replaced.
update accounts.device_limits
set single_fen = :single_fen, daily_fen = :daily_fen, version = version + 1
where business_id = :business_id and person_id = :person and session_id = :session_id
  and version = :version;

-- name: mark_by_device
-- From now on this person's payments look for the limit of their device.
update accounts.person_limits set by_device = true
where business_id = :business_id and person_id = :person;

-- name: ceiling
-- What the bank lets anybody of the firm pay at most.
select single_fen, daily_fen, reason from accounts.firm_ceilings
where business_id = :business_id and lifted_at is null;

-- name: put_ceiling
-- A ceiling for the firm, from its first account on.
insert into accounts.firm_ceilings (business_id, single_fen, daily_fen, reason, set_at)
values (:business_id, :single_fen, :daily_fen, :reason, :now)
on conflict (business_id) do nothing;

-- name: bring_under
-- Nobody's limits stand above the ceiling.
update accounts.person_limits
set single_fen = least(single_fen, :single_fen), daily_fen = least(daily_fen, :daily_fen),
    version = version + 1
where business_id = :business_id
  and (single_fen > :single_fen::bigint or daily_fen > :daily_fen::bigint);

-- name: lift_ceiling
-- The ceiling is gone; each person's limits stay until somebody raises them.
update accounts.firm_ceilings set lifted_at = :now
where business_id = :business_id and lifted_at is null;
