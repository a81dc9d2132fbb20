-- name: remember_reference
-- Before a payment leaves the bank: whose it is, the day it was sent on, and when to ask.
insert into accounts.clearing_references (reference, business_id, payment_id, sent_on, ask_at)
values (:reference, :business_id, :payment_id, :today, :ask_at)
on conflict (reference) do nothing;

-- name: sent_today
-- It leaves the bank now, maybe days after it began to wait for the window of its system.
update accounts.clearing_references set sent_on = :today where reference = :reference;

-- name: ask_reference_at
-- The next question, or none once the outcome is final.
update accounts.clearing_references set ask_at = :ask_at, rings = 0
where reference = :reference;

-- name: firm_of_reference
-- A call-back names only the reference; this says whose payment it is.
select business_id, payment_id, recall_id from accounts.clearing_references where reference = :reference;

-- name: take_references_due
-- Payments whose outcome is overdue, put off ever longer: one question of each is under way, and
-- one that nobody can answer does not fill the queue.
update accounts.clearing_references
set rings = rings + 1,
    ask_at = :now::timestamptz + make_interval(secs => least(3600, 30 * 2 ^ least(rings, 10)))
where reference in (
  select reference from accounts.clearing_references
  where ask_at <= :now order by ask_at, reference limit 500 for no key update skip locked)
returning reference;

-- name: check_first_at
-- A settled payment is looked at again; a later question sets the next one.
update accounts.clearing_references set check_at = :check_at
where reference = :reference and checks = 0;

-- name: check_no_more
-- What came back is over.
update accounts.clearing_references set check_at = null where reference = :reference;

-- name: take_checks_due
-- Settled payments whose next look is due, all at once; each is set to its next day or done.
update accounts.clearing_references r
set checks = r.checks + 1,
    check_at = :now::timestamptz
      + make_interval(days => (:days::int[])[r.checks + 2] - (:days::int[])[r.checks + 1])
where reference in (
  select reference from accounts.clearing_references
  where check_at <= :now order by check_at, reference limit 500 for no key update skip locked)
returning reference;

-- name: mark_swept
-- What is in transit and not yet swept, marked in the same statement.
select direction, business_id, account_id, amount_fen from accounts.mark_swept(:today);
