-- name: next_number
-- The branch's next number of the day: the row decides under any race.
insert into onboarding.branch_days as d (branch, on_date, last_number)
values (:branch, :today, 1)
on conflict (branch, on_date) do update set last_number = d.last_number + 1
returning last_number;

-- name: check_in
-- Somebody is there.
update onboarding.visits
set state = 'checked_in', checked_in_at = :now, queue_number = :queue_number,
    queue_at = :queue_at, version = version + 1
where business_id = :business_id and id = :id;

-- name: one_at_a_time
-- A teller's calls come one after the other.
select pg_advisory_xact_lock(hashtextextended('teller:' || :staff_id::uuid::text, 0));

-- name: serving
-- Whom this teller is serving.
select id from onboarding.visits
where state = 'serving' and called_by = :staff_id limit 1;

-- name: call_next
-- The first in the queue whom no other window is calling at this moment.
select business_id, id from onboarding.visits
where branch = :branch and state = 'checked_in' order by queue_at, id
limit 1 for no key update skip locked;

-- name: call
-- The number is shown at a window.
update onboarding.visits
set state = 'serving', called_at = :now, called_by = :staff_id, desk_window = :window,
    version = version + 1
where business_id = :business_id and id = :id;

-- name: complete
-- The teller has confirmed everything.
update onboarding.visits
set state = 'completed', completed_at = :now, completed_by = :staff_id, version = version + 1,
    identity_confirmed = true, will_confirmed = true, seals_taken = true,
    identity_by = :identity_by, papers_seen = :papers_seen, seals = :seals
where business_id = :business_id and id = :id;

-- name: day
-- Who comes to a branch on a day.
select v.id, v.business_id, v.application_id, a.account_name, a.state as application_state,
  v.starts_at, v.state, v.version, v.ticket, v.queue_number, v.desk_window as window
from onboarding.visits v
join onboarding.applications a
  on a.business_id = v.business_id and a.id = v.application_id
where v.branch = :branch and v.starts_at >= :from_at and v.starts_at < :until_at
  and v.state <> 'cancelled'
order by v.starts_at, v.id limit 200;
