-- name: filed_withholding_is_not_the_payroll
-- What was declared as withheld is what the payrolls of that month withheld.
select t.business_id, t.id, t.payable_fen, coalesce(p.tax_fen, 0) as withheld_fen
from bookkeeping.tax_returns t
left join lateral (
  select sum(r.tax_fen) as tax_fen from bookkeeping.payroll_runs r
  where r.business_id = t.business_id and r.state in ('sent', 'paid')
    and r.sent_on >= t.period_from and r.sent_on < t.period_until) p on true
where t.tax = 'iit_withholding' and t.state = 'filed'
  and t.payable_fen <> coalesce(p.tax_fen, 0);

-- name: surcharges_without_their_vat
-- Surcharges stand on a VAT return of the same period.
select s.business_id, s.id
from bookkeeping.tax_returns s
left join bookkeeping.tax_returns v
  on v.business_id = s.business_id and v.tax = 'vat' and v.period_from = s.period_from
where s.tax = 'surcharges'
  and (v.id is null or (s.figures ->> 'vat_fen')::bigint <> v.payable_fen);
