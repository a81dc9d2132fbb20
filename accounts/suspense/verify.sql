-- name: suspense_is_not_its_items
-- What lies in suspense is the sum of the items that wait, firm by firm; in the bank's own firm,
-- of the credits that nobody could apply.
select coalesce(a.business_id, i.business_id) as business_id, a.balance_fen, i.open_fen
from (select business_id, balance_fen from ledger.accounts where kind = 'suspense') a
full join (select business_id, sum(amount_fen)::bigint as open_fen from (
             select business_id, amount_fen from accounts.suspense_items where state = 'open'
             union all
             select business_id, amount_fen from accounts.unapplied_credits
             where state = 'suspended') waiting group by business_id) i on i.business_id = a.business_id
where coalesce(a.balance_fen, 0) <> coalesce(i.open_fen, 0);

-- name: assigned_item_not_booked
-- An item that was worked off is on the account it names, once.
select i.business_id, i.id
from accounts.suspense_items i
left join ledger.entry_keys k on k.business_id = i.business_id
  and k.kind = 'suspense_assigned' and k.business_key = i.id::text
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.account_id = i.to_account_id and p.amount_fen = i.amount_fen
where (i.state = 'assigned') is distinct from (p.entry_id is not null);
