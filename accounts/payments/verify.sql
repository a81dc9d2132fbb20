-- name: settled_payment_without_its_entry
-- Every payment whose money left has its one entry of its amount, and no other payment has one.
select p.business_id, p.id, p.state
from accounts.payments p
left join ledger.entry_keys k
  on k.business_id = p.business_id and k.kind = 'payment' and k.business_key = p.id::text
left join ledger.postings l
  on l.business_id = k.business_id and l.booked_on = k.booked_on and l.entry_id = k.entry_id
  and l.account_id = coalesce(p.from_account_id, p.account_id) and l.amount_fen = -p.amount_fen
where (p.state in ('processing', 'unknown', 'settled', 'failed', 'returned'))
      is distinct from (l.entry_id is not null);

-- name: failed_payment_without_its_money_back
-- A failed or returned payment has its money back exactly once, and no other has.
select p.business_id, p.id, p.state
from accounts.payments p
left join ledger.entry_keys k
  on k.business_id = p.business_id and k.kind in ('payment_failed', 'payment_returned')
  and k.business_key = p.id::text
where (p.state in ('failed', 'returned')) is distinct from (k.entry_id is not null);

-- name: in_bank_payment_not_received
-- The payee's firm has the other entry of the transfer.
select p.business_id, p.id
from accounts.payments p
left join ledger.entry_keys k
  on k.business_id = p.payee_business_id and k.kind = 'payment' and k.business_key = p.id::text
where p.rail = 'in_bank' and p.state = 'settled' and k.entry_id is null;

-- name: hold_without_its_payment
-- Holds of payments submitted or being checked are open and theirs alone.
select p.business_id, p.id, h.state
from accounts.payments p
left join ledger.holds h on h.business_id = p.business_id and h.id = p.hold_id
where p.state in ('submitted', 'under_review')
  and (h.id is null or h.state <> 'open' or h.amount_fen <> p.amount_fen
       or h.account_id <> coalesce(p.from_account_id, p.account_id));

-- name: payment_stuck_as_draft
-- A draft lives only inside the transaction that makes it.
select business_id, id from accounts.payments where state = 'draft';

-- name: payment_from_no_account
-- Every order pays from an account of its own firm.
select p.business_id, p.id
from accounts.payments p
left join accounts.deposits d on d.business_id = p.business_id and d.id = p.account_id
where d.id is null;
