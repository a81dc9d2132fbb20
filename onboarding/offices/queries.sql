-- name: add_parts
-- All offices' parts at once; the licence is asked first.
insert into onboarding.registration_parts (business_id, registration_id, part, state, due_at,
  by_owner, changed_at)
select :business_id, :registration_id, part,
  case when part = 'licence' then 'asked' else 'waiting' end,
  case when part = 'licence' then :due_at::timestamptz end,
  part = any(:by_owner::text[]), :now
from unnest(:parts::text[]) as part;

-- name: move_part
-- An office's part goes on; a repeat of the same step touches nothing, nor does a late answer to an
-- attempt that is over.
update onboarding.registration_parts
set state = :state, due_at = :due_at, number = coalesce(:number, number),
    refused_code = :refused_code, quota_fen = coalesce(:quota_fen, quota_fen),
    changed_at = :now
where business_id = :business_id and registration_id = :registration_id and part = :part
  and state <> :state and state <> 'done'
  and (:attempt::int is null or attempt = :attempt);

-- name: try_again
-- The next attempt at an office that refused.
update onboarding.registration_parts
set state = 'asked', attempt = attempt + 1, refused_code = null, by_owner = false,
    due_at = :due_at, changed_at = :now
where business_id = :business_id and registration_id = :registration_id and part = :part
  and state = 'failed';

-- name: lock_part
-- One part, kept from others until this work ends.
select part, state, by_owner, attempt, due_at, number, refused_code, quota_fen, changed_at
from onboarding.registration_parts
where business_id = :business_id and registration_id = :registration_id and part = :part
for no key update;

-- name: parts
-- The parallel parts of one registration.
select part, state, by_owner, attempt, due_at, number, refused_code, quota_fen, changed_at
from onboarding.registration_parts
where business_id = :business_id and registration_id = :registration_id
order by array_position(
  array['licence', 'seals', 'tax', 'social_insurance', 'housing_fund', 'bank'], part);

-- name: add_turn
-- What happened to a part.
insert into onboarding.registration_turns (business_id, id, registration_id, part, state, note, at)
values (:business_id, :id, :registration_id, :part, :state, :note, :now);

-- name: turns
-- The timeline of one registration, oldest first.
select part, state, note, at from onboarding.registration_turns
where business_id = :business_id and registration_id = :registration_id order by id limit 200;
