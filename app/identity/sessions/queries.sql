-- name: take_attempt
-- Counts an attempt before it is made, so that parallel ones cannot share a number.
insert into identity.attempts as a (kind, subject, count, since)
values (:kind, :subject, 1, :at)
on conflict (kind, subject) do update set
  count = case when a.since <= :window_start then 1 else a.count + 1 end,
  since = case when a.since <= :window_start then :at else a.since end
returning count, since;

-- name: forget_attempts
-- A success wipes the slate of wrong tries.
update identity.attempts set count = 0 where kind = :kind and subject = :subject;

-- name: add_code
-- A new code, sealed for its text message and hashed for the comparison.
insert into identity.phone_codes
  (id, phone_index, phone_sealed, code_sealed, code_check, made_at, expires_at)
values (:id, :phone_index, :phone_sealed, :code_sealed, :code_check, :made_at, :expires_at);

-- name: newest_code
-- Only the newest code of a phone counts; a row lock lets one of two equal tries win.
select id, code_check from identity.phone_codes
where phone_index = :phone_index and used_at is null and expires_at > :at
order by made_at desc, id desc limit 1 for no key update;

-- name: use_code
-- A code opens once.
update identity.phone_codes set used_at = :at, code_sealed = null, phone_sealed = null
where id = :id and used_at is null;

-- name: code_to_send
-- What the text message needs; gone once it has been sent or used.
select phone_sealed, code_sealed, expires_at from identity.phone_codes
where id = :id and code_sealed is not null and used_at is null;

-- name: code_was_sent
-- The code itself is no longer needed by us.
update identity.phone_codes set code_sealed = null, phone_sealed = null where id = :id;

-- name: find_person
-- Whose phone this is.
select person_id from identity.phone_directory where phone_index = :phone_index;

-- name: bind_phone
-- First sight of a phone; of two at once one stands.
insert into identity.phone_directory (phone_index, person_id) values (:phone_index, :new_person_id)
on conflict (phone_index) do nothing;

-- name: add_person
-- The person's own row, made at the first sign-in.
insert into identity.people (person_id, phone_sealed, made_at)
values (:person_id, :phone_sealed, :at)
on conflict (person_id) do nothing;

-- name: act_as_staff
-- From here on this transaction is the staff member's.
select set_config('app.staff', :staff_id::text, true);

-- name: start_session
-- A sign-in on a device.
insert into identity.sessions
  (person_id, id, door, device, salt, started_at, rotated_at, ends_at)
values (:holder_id, :id, :door, :device, :salt, :at, :at, :ends_at);

-- name: lock_session
-- Two refreshes of one session take turns.
select id, generation, state, salt, rotated_at, ends_at from identity.sessions
where person_id = :holder_id and id = :id and door = :door for no key update;

-- name: rotate_session
-- The next turn of the refresh token; only from the turn that was seen.
update identity.sessions set generation = generation + 1, rotated_at = :at
where person_id = :holder_id and id = :id and generation = :generation and state = 'active';

-- name: end_session
-- Signed out, or ended because its refresh token was used twice.
update identity.sessions set state = 'ended', ended_at = :at, ended_because = :because
where person_id = :holder_id and id = :id and state = 'active';

-- name: revoke_device_keys
-- The keys of a device that is signed out: whichever of its sign-ins registered them.
update identity.device_keys set state = 'revoked', revoked_at = :at
where person_id = :person_id and state = 'active' and session_id in (
  select o.id from identity.sessions o
  join identity.sessions s on s.person_id = o.person_id and s.device = o.device
  where s.person_id = :person_id and s.id = :session_id);

-- name: signed_in_devices
-- Where the person is signed in; a person has few.
select id, device, started_at, rotated_at as last_used_at,
       coalesce(id = :session_id::uuid, false) as current
from identity.sessions
where person_id = :person_id and door = 'person' and state = 'active' and ends_at > :at
order by started_at desc, id desc limit 200;

-- name: add_revocation
-- Heard by every process within a second.
insert into identity.revocations (id, kind, subject_id) values (:id, :kind, :subject_id);

-- name: revocations_since
-- What was revoked lately; overlapping reads see what committed late.
select id, kind, subject_id from identity.revocations where at > :since order by at limit 100000;

-- name: expire_codes
-- Codes are kept an hour for tracing, then gone.
delete from identity.phone_codes where expires_at < :before;

-- name: expire_attempts
-- Windows that have long closed.
delete from identity.attempts where since < :before;

-- name: expire_revocations
-- Older than any access token: nobody needs to hear of them again.
delete from identity.revocations where at < :before;

-- name: expire_used_once
-- Values whose time has passed are refused for that reason alone.
delete from identity.used_once where expires_at < :before;

-- name: use_once
-- Whether this value is seen for the first time.
insert into identity.used_once (kind, subject_id, value, expires_at)
values (:kind, :subject_id, :value, :expires_at)
on conflict do nothing;
