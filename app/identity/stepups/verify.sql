-- name: step_up_confirmed_by_a_foreign_key
-- What a device confirmed was confirmed by a key of the same person, before it was revoked.
select s.person_id, s.id
from identity.step_ups s
left join identity.device_keys k on k.person_id = s.person_id and k.id = s.confirmed_by
where s.confirmed_by is not null
  and (k.id is null or k.made_at > s.confirmed_at or k.revoked_at < s.confirmed_at);
