-- name: queue
-- What waits in the whole bank, the most urgent first; a page goes on after a key.
select business_id, payment_id, amount_fen, score, rule_ids, levels, approved_by, state,
       claimed_by, lease_until, due_at, opened_at, decided_at, reason, owner_answer, answered_by,
       answered_at, due_at < :now as overdue
from accounts.payment_reviews
where state = 'open'
  and (:after_due::timestamptz is null
       or (due_at, business_id, payment_id)
          > (:after_due, :after_business::uuid, :after_payment::uuid))
order by due_at, business_id, payment_id limit :most;

-- name: held
-- One held payment.
select business_id, payment_id, amount_fen, score, rule_ids, levels, approved_by, state,
       claimed_by, lease_until, due_at, opened_at, decided_at, reason, owner_answer, answered_by,
       answered_at
from accounts.payment_reviews where business_id = :business_id and payment_id = :payment_id;

-- name: lock_held
-- One held payment, kept from others until this decision is in.
select business_id, payment_id, amount_fen, score, rule_ids, levels, approved_by, state,
       claimed_by, lease_until, due_at, opened_at, decided_at, reason, owner_answer, answered_by,
       answered_at
from accounts.payment_reviews where business_id = :business_id and payment_id = :payment_id
for no key update;

-- name: evidence
-- What the monitors saw; nothing where a list alone held the payment.
select coalesce(v.fired, '[]') as fired, coalesce(v.features, '{}') as features
from (values (1)) one(row)
left join accounts.monitor_verdicts v
  on v.business_id = :business_id and v.payment_id = :payment_id;

-- name: set_claim
-- Taken, or let go of.
update accounts.payment_reviews set claimed_by = :claimed_by, lease_until = :lease_until
where business_id = :business_id and payment_id = :payment_id;

-- name: add_agreement
-- One has agreed to release it: the next may claim it.
update accounts.payment_reviews
set approved_by = approved_by || :staff_id::uuid, claimed_by = null, lease_until = null
where business_id = :business_id and payment_id = :payment_id;

-- name: close
-- The bank has decided.
update accounts.payment_reviews
set state = :state, reason = :reason, decided_at = :now, claimed_by = null, lease_until = null
where business_id = :business_id and payment_id = :payment_id;

-- name: check
-- What the owner's door shows of a held payment.
select payment_id, state, rule_ids, owner_zh, owner_en, due_at, owner_answer
from accounts.payment_reviews where business_id = :business_id and payment_id = :payment_id;

-- name: lock_check
-- One answer at a time, and none beside the bank's decision.
select payment_id, state, rule_ids, owner_zh, owner_en, due_at, owner_answer
from accounts.payment_reviews where business_id = :business_id and payment_id = :payment_id
for no key update;

-- name: answer
-- The owner says whether the payment is theirs; the bank's people read it.
update accounts.payment_reviews
set owner_answer = :answer, answered_by = :person_id, answered_at = :now
where business_id = :business_id and payment_id = :payment_id;
