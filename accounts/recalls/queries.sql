-- name: add
-- One at a time per payment; a second one while it is open touches no row.
insert into accounts.recalls (business_id, id, payment_id, why, words, asked_by, asked_at)
values (:business_id, :id, :payment_id, :why, :words, :person_id, :now)
on conflict (business_id, payment_id) where state = 'asked' do nothing;

-- name: recall
-- One recall of the firm.
select id, payment_id, why, words, state, answer, asked_by, asked_at, answered_at
from accounts.recalls where business_id = :business_id and id = :id;

-- name: of_payment
-- The recalls of a payment, oldest first.
select id, payment_id, why, words, state, answer, asked_by, asked_at, answered_at
from accounts.recalls where business_id = :business_id and payment_id = :payment_id
order by asked_at, id;

-- name: remember
-- Whose a recall is, for call-backs that name only its reference.
insert into accounts.clearing_references
  (reference, business_id, payment_id, recall_id, sent_on, ask_at)
values (:reference, :business_id, :payment_id, :recall_id, :today, :ask_at)
on conflict (reference) do nothing;

-- name: sent
-- The day on which the payment left.
select sent_on from accounts.clearing_references where reference = :reference;

-- name: no_more_asking
-- The answer is final.
update accounts.clearing_references set ask_at = null where reference = :reference;

-- name: answer
-- The other bank's final word.
update accounts.recalls set state = :state, answer = :answer, answered_at = :now
where business_id = :business_id and id = :id and state = 'asked';
