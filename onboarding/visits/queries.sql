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
insert into onboarding.visits (business_id, id, application_id, branch, starts_at, ticket, comes, booked_at)
values (:business_id, :id, :application_id, :branch, :starts_at, :ticket, :comes, :now)
on conflict (business_id, application_id) where state in ('booked', 'checked_in', 'serving', 'completed')
do nothing;

-- name: visit
-- One appointment.
select id, application_id, branch, starts_at, state, version, ticket, comes, booked_at,
  checked_in_at, queue_number, queue_at, called_at, called_by, desk_window, completed_at, missed_at
from onboarding.visits where business_id = :business_id and id = :id;

-- name: lock_visit
-- One appointment, kept from others until this work ends.
select id, application_id, branch, starts_at, state, version, ticket, comes, booked_at,
  checked_in_at, queue_number, queue_at, called_at, called_by, desk_window, completed_at, missed_at
from onboarding.visits where business_id = :business_id and id = :id for no key update;

-- name: live_visit_of
-- The appointment of an application that has ended.
select id, application_id, branch, starts_at, state, version, ticket, comes, booked_at,
  checked_in_at, queue_number, queue_at, called_at, called_by, desk_window, completed_at, missed_at
from onboarding.visits
where business_id = :business_id and application_id = :application_id and state = 'booked'
for no key update;

-- name: visits
-- A firm's appointments, newest first.
select id, application_id, branch, starts_at, state, version, ticket, comes, booked_at,
  checked_in_at, queue_number, queue_at, called_at, called_by, desk_window, completed_at, missed_at
from onboarding.visits where business_id = :business_id order by id desc limit 50;

-- name: move_visit
-- Another time.
update onboarding.visits set starts_at = :starts_at, reminded_at = null, version = version + 1
where business_id = :business_id and id = :id;

-- name: cancel_visit
-- Nobody comes.
update onboarding.visits set state = 'cancelled', version = version + 1
where business_id = :business_id and id = :id;

-- name: before
-- How many stand before somebody in the queue.
select waiting, serving from onboarding.queue_before(:branch, :queue_at, :id);

-- name: miss_visit
-- Nobody came, or nobody was there when called.
update onboarding.visits set state = 'missed', missed_at = :now, version = version + 1
where business_id = :business_id and id = :id;

-- name: mark_reminded
-- Reminded once; moved to another time, one is reminded again.
update onboarding.visits set reminded_at = :now where business_id = :business_id and id = :id;

-- name: due
-- Who did not come and who comes soon, over all firms, for the clock.
select business_id, visit_id, what from onboarding.due_visits(:now, :remind, :most);
