-- name: swept_income_without_its_entry
-- What was marked as swept left its firm once, with its amount, in the transfer it names.
select s.business_id, s.swept_on, s.kind
from accounts.swept_income s
left join ledger.entry_keys k on k.business_id = s.business_id and k.kind = 'sweep_income'
  and k.business_key = s.kind || ':' || s.swept_on
left join ledger.entries e
  on e.business_id = k.business_id and e.booked_on = k.booked_on and e.id = k.entry_id
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.account_id = s.account_id and p.amount_fen = -s.amount_fen
where p.entry_id is null or e.transfer_id <> s.transfer_id;

-- name: swept_income_did_not_arrive
-- The bank's own firm received, in one entry a transfer, the sum of what the firms gave.
select g.transfer_id, g.given_fen, a.arrived_fen
from (select transfer_id, sum(amount_fen)::bigint as given_fen
      from accounts.swept_income group by transfer_id) g
left join (
  select e.transfer_id, sum(p.amount_fen)::bigint as arrived_fen
  from accounts.policies b
  join ledger.entries e on e.business_id = (b.value ->> 'business_id')::uuid
    and e.kind = 'sweep_income'
  join ledger.postings p
    on p.business_id = e.business_id and p.booked_on = e.booked_on and p.entry_id = e.id
  where b.kind = 'bank.identity'
  group by e.transfer_id) a on a.transfer_id = g.transfer_id
where coalesce(a.arrived_fen, 0) <> g.given_fen;

-- name: sweep_that_nobody_marked
-- No entry sweeps a firm's side that is not marked for that date.
select k.business_id, k.business_key
from ledger.entry_keys k
where k.kind = 'sweep_income' and k.business_key like '%:%'
  and not exists (
    select from accounts.swept_income s
    where s.business_id = k.business_id and s.kind || ':' || s.swept_on = k.business_key);
