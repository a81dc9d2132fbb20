-- name: charged_fee_without_its_entry
-- Every fee that was charged was booked once, with its amount, and no other was.
select f.business_id, f.id, f.state
from accounts.fees f
left join ledger.entry_keys k on k.business_id = f.business_id
  and k.kind = 'fee_' || f.kind
  and k.business_key = case f.kind when 'payment' then f.cause
                            else f.account_id::text || ':' || f.cause end
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.account_id = f.account_id and p.amount_fen = -f.amount_fen
where (f.state in ('charged', 'refunded')) is distinct from (p.entry_id is not null);

-- name: held_fee_without_its_hold
-- A fee set aside is an open hold of its amount.
select f.business_id, f.id
from accounts.fees f
left join ledger.holds h on h.business_id = f.business_id and h.id = f.hold_id
where f.state = 'held' and (h.id is null or h.state <> 'open' or h.amount_fen <> f.amount_fen);

-- name: refunded_fee_not_given_back
-- A fee given back was booked back once.
select f.business_id, f.id
from accounts.fees f
left join ledger.entry_keys k
  on k.business_id = f.business_id and k.kind = 'fee_refund' and k.business_key = f.id::text
where (f.state = 'refunded') is distinct from (k.entry_id is not null);
