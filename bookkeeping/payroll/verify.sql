-- name: payroll_run_is_not_its_lines
-- A run's totals are the sums of its lines.
select r.business_id, r.id
from bookkeeping.payroll_runs r
join (
  select business_id, run_id, count(*) as people, sum(gross_fen) as gross, sum(social_fen) as social,
         sum(housing_fund_fen) as fund, sum(tax_fen) as tax, sum(net_fen) as net,
         sum(employer_social_fen) as employer_social,
         sum(employer_housing_fund_fen) as employer_fund,
         coalesce(sum(net_fen) filter (where state = 'settled'), 0) as settled,
         coalesce(sum(net_fen) filter (where state in ('failed', 'returned')), 0) as failed
  from bookkeeping.payroll_lines group by business_id, run_id) l
  on l.business_id = r.business_id and l.run_id = r.id
where (r.people, r.gross_fen, r.social_fen, r.housing_fund_fen, r.tax_fen, r.net_fen,
       r.employer_social_fen, r.employer_housing_fund_fen)
   <> (l.people, l.gross, l.social, l.fund, l.tax, l.net, l.employer_social, l.employer_fund)
   or (r.state in ('sent', 'paid') and (r.settled_fen, r.failed_fen) <> (l.settled, l.failed));

-- name: payroll_run_without_lines
-- Every run pays somebody.
select r.business_id, r.id from bookkeeping.payroll_runs r
where not exists (select from bookkeeping.payroll_lines l
                  where l.business_id = r.business_id and l.run_id = r.id);

-- name: payroll_line_is_not_its_components
-- Gross and deductions are what the components say.
select l.business_id, l.run_id, l.employee_id
from bookkeeping.payroll_lines l
left join (
  select business_id, run_id, employee_id,
    coalesce(sum(amount_fen) filter
      (where component in ('base_wage', 'overtime', 'bonus', 'absence')), 0) as gross,
    coalesce(sum(amount_fen) filter
      (where component in ('pension', 'medical', 'unemployment')), 0) as social,
    coalesce(sum(amount_fen) filter (where component = 'housing_fund'), 0) as fund,
    coalesce(sum(amount_fen) filter (where component = 'income_tax'), 0) as tax,
    coalesce(sum(amount_fen) filter
      (where component in ('employer_pension', 'employer_medical', 'employer_unemployment',
                           'employer_injury')), 0) as employer_social,
    coalesce(sum(amount_fen) filter (where component = 'employer_housing_fund'), 0)
      as employer_fund
  from bookkeeping.payroll_components group by business_id, run_id, employee_id) c
  on c.business_id = l.business_id and c.run_id = l.run_id and c.employee_id = l.employee_id
where (l.gross_fen, l.social_fen, l.housing_fund_fen, l.tax_fen, l.employer_social_fen,
       l.employer_housing_fund_fen)
   is distinct from (c.gross, c.social, c.fund, c.tax, c.employer_social, c.employer_fund);

-- name: paid_payroll_without_its_entry
-- A run on its way or paid took its whole net amount from its account, once.
select r.business_id, r.id
from bookkeeping.payroll_runs r
left join ledger.entry_keys k
  on k.business_id = r.business_id and k.kind = 'payroll' and k.business_key = r.id::text
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.account_id = r.account_id and p.amount_fen = -r.net_fen
where (r.state in ('sent', 'paid') and r.net_fen > 0) <> (p.entry_id is not null);

-- name: wages_in_transit_are_not_the_open_lines
-- In transit = lines without an outcome, and settled wages not yet swept to the bank itself.
select coalesce(a.business_id, o.business_id) as business_id, a.balance_fen, o.open_fen
from (select business_id, balance_fen from ledger.accounts where kind = 'wages_in_transit') a
full join (
  select business_id, sum(net_fen - failed_fen - swept_fen)::bigint as open_fen
  from bookkeeping.payroll_runs where state in ('sent', 'paid') group by business_id) o
  on o.business_id = a.business_id
where coalesce(a.balance_fen, 0) <> coalesce(o.open_fen, 0);
