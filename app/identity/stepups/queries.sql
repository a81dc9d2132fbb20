-- name: add_step_up
-- A confirmation asked for: bound to its content, sealed for its text message.
insert into identity.step_ups
  (person_id, id, action, bound, nonce, text_sealed, code_check, code_sealed, made_at, expires_at)
values (:person_id, :id, :action, :bound, :nonce, :text_sealed, :code_check, :code_sealed, :at,
        :expires_at);

-- name: step_up
-- One confirmation of the signed-in person.
select id, action, bound, nonce, text_sealed, code_check, expires_at, confirmed_at, used_at
from identity.step_ups where person_id = :person_id and id = :id;

-- name: message_to_send
-- What the text message needs; gone once it has been sent or used.
select s.text_sealed, s.code_sealed, p.phone_sealed, s.expires_at
from identity.step_ups s join identity.people p on p.person_id = s.person_id
where s.person_id = :person_id and s.id = :id and s.code_sealed is not null
  and s.confirmed_at is null;

-- name: message_was_sent
-- The code itself is no longer needed by us.
update identity.step_ups set code_sealed = null where person_id = :person_id and id = :id;

-- name: confirm
-- Confirmed once, in time; by a key where there is one.
update identity.step_ups set confirmed_at = :at, confirmed_by = :key_id, code_sealed = null
where person_id = :person_id and id = :id and confirmed_at is null and expires_at > :at;

-- name: use
-- One statement decides: confirmed, in time, not used before, and bound to exactly this content.
update identity.step_ups set used_at = :at
where person_id = :person_id and id = :id and action = :action and used_at is null
  and confirmed_at is not null and expires_at > :at and bound = sha256(nonce || :content::bytea)
returning id;

-- name: add_key
-- A device's key; the same key again is refused by its constraint.
insert into identity.device_keys
  (person_id, id, session_id, name, algorithm, public_key, made_at)
values (:person_id, :id, :session_id, :name, :algorithm, :public_key, :at)
on conflict (person_id, public_key) do nothing;

-- name: active_key
-- A key in force of the signed-in person, and of nobody else.
select id, algorithm, public_key from identity.device_keys
where person_id = :person_id and id = :id and state = 'active';

-- name: keys
-- The person's keys, newest first.
select id, name, algorithm, state, made_at from identity.device_keys
where person_id = :person_id order by made_at desc, id desc limit 200;

-- name: revoke_key
-- A lost or sold device confirms nothing any more.
update identity.device_keys set state = 'revoked', revoked_at = :at
where person_id = :person_id and id = :id and state = 'active';
