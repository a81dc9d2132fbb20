-- name: in_transit_out_is_not_the_open_payments
-- Money on its way out = payments sent and undecided, and those settled but not yet swept.
select coalesce(a.business_id, p.business_id) as business_id, a.balance_fen, p.open_fen
from (select business_id, balance_fen from ledger.accounts where kind = 'in_transit_out') a
full join (
  select business_id, sum(amount_fen)::bigint as open_fen from accounts.payments
  where rail <> 'in_bank'
    and (state in ('processing', 'unknown')
         or (state in ('settled', 'returned') and swept_on is null))
  group by business_id) p on p.business_id = a.business_id
where coalesce(a.balance_fen, 0) <> coalesce(p.open_fen, 0);

-- name: in_transit_in_is_not_the_unswept_credits
-- Money that came in = credits and returned payments not yet swept, with the opposite sign.
select coalesce(a.business_id, c.business_id) as business_id, a.balance_fen, c.open_fen
from (select business_id, balance_fen from ledger.accounts where kind = 'in_transit_in') a
full join (
  select business_id, sum(amount_fen)::bigint as open_fen from (
    select business_id, amount_fen from accounts.incoming_credits
    where source = 'outside' and swept_on is null
    union all
    select business_id, amount_fen from accounts.payments
    where state = 'returned' and return_swept_on is null) open
  group by business_id) c on c.business_id = a.business_id
where coalesce(a.balance_fen, 0) <> -coalesce(c.open_fen, 0);

-- name: credit_without_its_entry
-- Every credit from outside was booked once, with its amount, on the account it names.
select c.business_id, c.id
from accounts.incoming_credits c
left join ledger.entry_keys k
  on k.business_id = c.business_id and k.kind = 'credit' and k.business_key = c.reference
left join ledger.postings l
  on l.business_id = k.business_id and l.booked_on = k.booked_on and l.entry_id = k.entry_id
  and l.account_id = c.account_id and l.amount_fen = c.amount_fen
where c.source = 'outside' and l.entry_id is null;
