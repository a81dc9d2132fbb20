-- name: taken
-- How many come at each moment of a day.
select starts_at, taken from onboarding.slots
where branch = :branch and starts_at >= :from_at and starts_at < :until_at;

-- name: take_slot
-- One more at that moment, unless it is full: the row decides under any race.
insert into onboarding.slots as s (branch, starts_at, capacity, taken)
values (:branch, :starts_at, :capacity, 1)
on conflict (branch, starts_at) do update
  set taken = s.taken + 1, capacity = greatest(excluded.capacity, s.taken)
  where s.taken < excluded.capacity
returning taken;

-- name: free_slot
-- One less at that moment.
update onboarding.slots set taken = taken - 1
where branch = :branch and starts_at = :starts_at and taken > 0;

-- name: add_visit
-- An appointment; an application has one at a time.
insert into onboarding.visits (business_id, id, application_id, branch, starts_at, ticket, booked_at)
values (:business_id, :id, :application_id, :branch, :starts_at, :ticket, :now)
on conflict (business_id, application_id) where state in ('booked', 'checked_in', 'completed')
do nothing;

-- name: visit
-- One appointment.
select id, application_id, branch, starts_at, state, version, ticket, booked_at, checked_in_at,
  completed_at
from onboarding.visits where business_id = :business_id and id = :id;

-- name: lock_visit
-- One appointment, kept from others until this work ends.
select id, application_id, branch, starts_at, state, version, ticket, booked_at, checked_in_at,
  completed_at
from onboarding.visits where business_id = :business_id and id = :id for no key update;

-- name: live_visit_of
-- The appointment of an application that has ended.
select id, application_id, branch, starts_at, state, version, ticket, booked_at, checked_in_at,
  completed_at
from onboarding.visits
where business_id = :business_id and application_id = :application_id and state = 'booked'
for no key update;

-- name: visits
-- A firm's appointments, newest first.
select id, application_id, branch, starts_at, state, version, ticket, booked_at, checked_in_at,
  completed_at
from onboarding.visits where business_id = :business_id order by id desc limit 50;

-- name: move_visit
-- Another time.
update onboarding.visits set starts_at = :starts_at, version = version + 1
where business_id = :business_id and id = :id;

-- name: cancel_visit
-- Nobody comes.
update onboarding.visits set state = 'cancelled', version = version + 1
where business_id = :business_id and id = :id;

-- name: check_in
-- Somebody is there.
update onboarding.visits
set state = 'checked_in', checked_in_at = :now, version = version + 1
where business_id = :business_id and id = :id;

-- name: complete
-- The teller has confirmed everything.
update onboarding.visits
set state = 'completed', completed_at = :now, completed_by = :staff_id, version = version + 1,
    identity_confirmed = true, will_confirmed = true, seals_taken = true
where business_id = :business_id and id = :id;

-- name: day
-- Who comes to a branch on a day.
select v.id, v.business_id, v.application_id, a.account_name, a.state as application_state,
  v.starts_at, v.state, v.version, v.ticket
from onboarding.visits v
join onboarding.applications a
  on a.business_id = v.business_id and a.id = v.application_id
where v.branch = :branch and v.starts_at >= :from_at and v.starts_at < :until_at
  and v.state <> 'cancelled'
order by v.starts_at, v.id limit 200;
