-- name: remember_reference
-- Before a payment leaves the bank: whose it is, the day it was sent on, and when to ask.
insert into accounts.clearing_references (reference, business_id, payment_id, sent_on, ask_at)
values (:reference, :business_id, :payment_id, :today, :ask_at)
on conflict (reference) do nothing;

-- name: sent_today
-- It leaves the bank now, maybe days after it began to wait for the window of its system.
update accounts.clearing_references set sent_on = :today where reference = :reference;

-- name: sent_on
-- The day a payment was sent on: a repeat must be word for word the same message.
select sent_on from accounts.clearing_references where reference = :reference;

-- name: ask_reference_at
-- The next question, or none once the outcome is final.
update accounts.clearing_references set ask_at = :ask_at, rings = 0
where reference = :reference;

-- name: firm_of_reference
-- A call-back names only the reference; this says whose payment it is.
select business_id, payment_id from accounts.clearing_references where reference = :reference;

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

-- name: mark_swept
-- What is in transit and not yet swept, marked in the same statement.
select direction, business_id, account_id, amount_fen from accounts.mark_swept(:today);
