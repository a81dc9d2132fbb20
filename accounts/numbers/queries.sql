-- name: branches
-- All branches, for people to choose from.
select code, name, address, area_code, bank_code, region, number_code, windows, opens_at,
  closes_at, visit_minutes
from accounts.branches order by code;

-- name: branch
-- One branch.
select code, name, address, area_code, bank_code, region, number_code, windows, opens_at,
  closes_at, visit_minutes
from accounts.branches where code = :code;

-- name: branch_of_number
-- Which branch's numbers begin so.
select code, name, address, area_code, bank_code, region, number_code, windows, opens_at,
  closes_at, visit_minutes
from accounts.branches where region = :region and number_code = :number_code;

-- name: gone
-- Which of these numbers somebody has at this moment.
select number from accounts.account_numbers
where number = any(:numbers::text[])
  and (state in ('reserved', 'taken') or (state = 'held' and held_until > :now));

-- name: one_firm_at_a_time
-- Two holds of one firm take turns, so that each frees the other's number without a deadlock.
select pg_advisory_xact_lock(20, hashtext(:business_id::uuid::text));

-- name: free_held
-- A firm holds one number at a time: a new hold lets go of the last.
update accounts.account_numbers set state = 'free', held_until = null, changed_at = :now
where business_id = :business_id and state = 'held' and number <> :number;

-- name: hold
-- Take the number if nobody has it; under a race the row decides, and one caller gets it.
select number, state, held_until, application_id
from accounts.hold_number(:number, :held_until, :now);

-- name: reserve
-- A live hold becomes the application's, for as long as that lasts.
update accounts.account_numbers
set state = 'reserved', held_until = null, application_id = :application_id, changed_at = :now
where business_id = :business_id and number = :number
  and ((state = 'held' and held_until > :now)
       or (state = 'reserved' and application_id = :application_id))
returning number, state, held_until, application_id;

-- name: take
-- The account carries the number: it is nobody else's for ever.
update accounts.account_numbers
set state = 'taken', account_id = :account_id, changed_at = :now
where business_id = :business_id and number = :number
  and state = 'reserved' and application_id = :application_id;

-- name: release
-- The application has ended: its number is free again.
update accounts.account_numbers
set state = 'free', application_id = null, held_until = null, changed_at = :now
where business_id = :business_id and state = 'reserved' and application_id = :application_id;

-- name: holds
-- What is kept for the firm: a live hold, and the numbers of its applications.
select number, state, held_until, application_id from accounts.account_numbers
where business_id = :business_id
  and ((state = 'held' and held_until > :now) or state = 'reserved')
order by changed_at desc limit 20;

-- name: let_go
-- The firm gives its hold back before its time.
update accounts.account_numbers set state = 'free', held_until = null, changed_at = :now
where business_id = :business_id and number = :number and state = 'held' and held_until > :now;
