-- name: decide
-- Whoever decides about a reference first, decides; a second one touches no row.
insert into accounts.incoming_decisions
  (reference, business_id, amount_fen, accepted, reason, decided_on, decided_at)
values (:reference, :firm, :amount_fen, :accepted, :reason, :today, :now)
on conflict (reference) do nothing;

-- name: decision
-- What stands about a reference.
select business_id, accepted, reason, decided_on, confirmed_at is not null as confirmed
from accounts.incoming_decisions where reference = :reference;

-- name: change_to_refused
-- The account turned out not to take it, in the transaction that had just accepted it.
update accounts.incoming_decisions set accepted = false, reason = :reason
where reference = :reference;

-- name: mark_confirmed
-- The clearing house knows our decision.
update accounts.incoming_decisions set confirmed_at = :now
where reference = :reference and confirmed_at is null;

-- name: add_credit
-- Once per reference; a repeat touches no row.
insert into accounts.incoming_credits
  (business_id, id, source, reference, account_id, amount_fen, payer_name_sealed,
   payer_account_tail, payer_bank_code, remark, received_on, received_at)
values
  (:business_id, :id, :source, :reference, :account_id, :amount_fen, :payer_name_sealed,
   :payer_account_tail, :payer_bank_code, :remark, :today, :now)
on conflict (business_id, source, reference) do nothing;

-- name: credit
-- One credit of the firm.
select id, account_id, amount_fen, payer_name_sealed, payer_account_tail, payer_bank_code, remark,
       source, reference, received_on, received_at
from accounts.incoming_credits where business_id = :business_id and id = :id;

-- name: credits_page
-- Newest first; one row more than the page.
select id, account_id, amount_fen, payer_name_sealed, payer_account_tail, payer_bank_code, remark,
       source, reference, received_on, received_at
from accounts.incoming_credits
where business_id = :business_id
  and (:account_id::uuid is null or account_id = :account_id)
  and (:after_at::timestamptz is null or (received_at, id) < (:after_at, :after_id::uuid))
order by received_at desc, id desc limit :limit::int + 1;
