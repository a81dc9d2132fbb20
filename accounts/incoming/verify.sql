-- name: accepted_credit_not_booked
-- Every accepted credit is on an account of the firm it was decided for, or lies in suspense.
select d.reference, d.business_id
from accounts.incoming_decisions d
left join accounts.incoming_credits c
  on c.business_id = d.business_id and c.source = 'outside' and c.reference = d.reference
where not d.suspended and d.accepted is distinct from (c.id is not null);

-- name: in_bank_credit_without_its_payment
-- Money from inside the bank came with a settled payment of that id and amount.
select c.business_id, c.id
from accounts.incoming_credits c
left join ledger.entry_keys k
  on k.business_id = c.business_id and k.kind = 'payment' and k.business_key = c.reference
left join ledger.postings l
  on l.business_id = k.business_id and l.booked_on = k.booked_on and l.entry_id = k.entry_id
  and l.account_id = c.account_id and l.amount_fen = c.amount_fen
where c.source = 'in_bank' and l.entry_id is null;
