-- name: large_transfer_in_no_report
-- Every single movement at or above the threshold on a date looked through is in a report.
select l.business_id, l.booked_on, l.entry_id, l.amount_fen
from accounts.surveyed_days s
join ledger.postings l on l.booked_on = s.day and l.owner = 'firm'
join ledger.entries e
  on e.business_id = l.business_id and e.booked_on = l.booked_on and e.id = l.entry_id
join reference.statutory_values t
  on t.kind = 'aml.large_value' and t.region = 'CN' and t.valid @> l.booked_on
left join accounts.payments p
  on p.business_id = l.business_id and e.kind = 'payment' and l.amount_fen < 0
  and p.id::text = e.business_key
where abs(l.amount_fen) >= (t.value -> 'transfer' ->> l.currency::text)::bigint
  and e.kind not in ('payment_failed', 'payment_returned', 'interest', 'deduction')
  and p.purpose is distinct from 'tax'
  and not exists (select from ledger.postings o
                  where o.business_id = l.business_id and o.booked_on = l.booked_on
                    and o.entry_id = l.entry_id and o.account_id <> l.account_id
                    and o.owner = 'firm')
  and not exists (select from accounts.large_reports r
                  where r.business_id = l.business_id and r.booked_on = l.booked_on
                    and r.entries ? l.entry_id::text);

-- name: large_report_of_another_sum
-- A report says what the customer's day adds up to, and none is missing or made up.
select coalesce(r.business_id, f.business_id) as business_id, s.day, r.amount_fen,
       f.amount_fen as found_fen
from accounts.surveyed_days s
left join lateral accounts.large_sums(s.day) f on true
full join accounts.large_reports r
  on r.business_id = f.business_id and r.booked_on = s.day and r.direction = f.direction
  and r.medium = f.medium and r.currency = f.currency
where r.amount_fen is distinct from f.amount_fen;

-- name: case_settled_by_one
-- Two different people settled every case.
select business_id, id from accounts.suspicion_cases
where state in ('reported', 'closed') and (confirmed_by is null or confirmed_by = proposed_by);

-- name: suspicion_in_no_case
-- Every finding lies in a case of its own firm that names its pattern.
select f.business_id, f.id, f.pattern from accounts.suspicions f
left join accounts.suspicion_cases c
  on c.business_id = f.business_id and c.id = f.case_id and f.pattern = any(c.patterns)
where c.id is null;

-- name: the_firm_was_told
-- Nothing about surveillance stands in a firm's own audit trail, only in the bank's.
select a.business_id, a.id, a.action from core.audit a
where a.business_id <> (select (p.value ->> 'business_id')::uuid from accounts.policies p
                        where p.kind = 'bank.identity' order by p.valid desc limit 1)
  and (a.action like 'suspicion%' or a.action like 'large_report%');
