-- name: add_schedule
-- A schedule with its first date.
insert into accounts.schedules
  (business_id, id, kind, account_id, to_account_id, amount_fen, party_id, payee_name,
   payee_sealed, payee_account_tail, payee_bank_code, purpose, memo, speed, pattern,
   next_nominal_on, next_on, made_by, created_at)
values
  (:business_id, :id, :kind, :account_id, :to_account_id, :amount_fen, :party_id, :payee_name,
   :payee_sealed, :payee_account_tail, :payee_bank_code, :purpose, :memo, :speed, :pattern,
   :next_nominal_on, :next_on, :person_id, :now);

-- name: schedule
-- One schedule of the firm.
select id, kind, account_id, to_account_id, amount_fen, party_id, payee_name, payee_sealed,
       payee_account_tail, payee_bank_code, purpose, memo, speed, pattern, state, reason,
       next_nominal_on, next_on, made, made_by, version, created_at
from accounts.schedules where business_id = :business_id and id = :id;

-- name: lock_schedule
-- One decision about a schedule at a time, and one of its dates.
select id, kind, account_id, to_account_id, amount_fen, party_id, payee_name, payee_sealed,
       payee_account_tail, payee_bank_code, purpose, memo, speed, pattern, state, reason,
       next_nominal_on, next_on, made, made_by, version, created_at
from accounts.schedules where business_id = :business_id and id = :id for no key update;

-- name: schedules_page
-- Newest first; one row more than the page.
select id, kind, account_id, to_account_id, amount_fen, party_id, payee_name, payee_sealed,
       payee_account_tail, payee_bank_code, purpose, memo, speed, pattern, state, reason,
       next_nominal_on, next_on, made, made_by, version, created_at
from accounts.schedules
where business_id = :business_id and (:after_id::uuid is null or id < :after_id)
order by id desc limit :limit::int + 1;

-- name: save_schedule
-- The schedule as decided.
update accounts.schedules
set amount_fen = :amount_fen, state = :state, reason = :reason,
    next_nominal_on = :next_nominal_on, next_on = :next_on, made = :made, version = :version
where business_id = :business_id and id = :id;

-- name: lock_run
-- One date of a schedule.
select nominal_on, due_on, state, amount_fen, payment_id, tries, try_at, reason
from accounts.schedule_runs
where business_id = :business_id and schedule_id = :schedule_id and nominal_on = :nominal_on
for no key update;

-- name: begin_run
-- A date whose day had come already when the one before was paid.
insert into accounts.schedule_runs
  (business_id, schedule_id, nominal_on, due_on, state, began_at)
values (:business_id, :schedule_id, :nominal_on, :due_on, 'due', :now)
on conflict (business_id, schedule_id, nominal_on) do nothing;

-- name: save_run
-- What came of a date.
update accounts.schedule_runs
set state = :state, amount_fen = :amount_fen, payment_id = :payment_id, tries = :tries,
    try_at = :try_at, reason = :reason
where business_id = :business_id and schedule_id = :schedule_id and nominal_on = :nominal_on;

-- name: runs
-- What came of the dates so far, newest first.
select nominal_on, due_on, state, amount_fen, payment_id, tries, try_at, reason
from accounts.schedule_runs
where business_id = :business_id and schedule_id = :schedule_id
order by nominal_on desc limit 200;

-- name: skip_run
-- A date that is passed over by its owner's wish.
insert into accounts.schedule_runs
  (business_id, schedule_id, nominal_on, due_on, state, began_at)
values (:business_id, :schedule_id, :nominal_on, :due_on, 'skipped', :now);

-- name: last_date
-- The last date that has had its turn.
select coalesce(max(nominal_on), date '0001-01-01') from accounts.schedule_runs
where business_id = :business_id and schedule_id = :schedule_id;

-- name: may_pay
-- Whether the person who made the schedule may still pay for the firm.
select exists (
  select from identity.memberships
  where business_id = :business_id and person_id = :person and state = 'active'
    and role in ('owner', 'finance', 'maker')) as may;

-- name: find_due
-- All that is due in all firms, marked and told by one statement.
select accounts.find_due_schedules(:today, :now);
