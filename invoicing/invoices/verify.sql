-- name: invoice_totals_are_not_its_lines
-- Totals are the sums of the lines, at every level, to the fen.
select i.business_id, i.id
from invoicing.invoices i
cross join lateral (
  select sum((l ->> 'amount_fen')::bigint) as amount_fen, sum((l ->> 'tax_fen')::bigint) as tax_fen,
         sum((l ->> 'total_fen')::bigint) as total_fen
  from jsonb_array_elements(i.lines) l) s
where (s.amount_fen, s.tax_fen, s.total_fen)
      is distinct from (i.amount_fen::numeric, i.tax_fen::numeric, i.total_fen::numeric);

-- name: quota_used_is_not_what_was_submitted
-- The counter of a month equals the net totals submitted or issued in it, less what red letters of
-- the same month took back.
select q.business_id, q.month_on, q.used_fen
from invoicing.quotas q
where q.used_fen <> (
  select coalesce(sum(i.amount_fen), 0) from invoicing.invoices i
  where i.business_id = q.business_id and i.quota_month_on = q.month_on
    and i.state in ('submitted', 'issued'))
  + (select coalesce(sum(r.amount_fen), 0) from invoicing.red_letters r
     where r.business_id = q.business_id and r.state = 'issued' and r.restores_quota
       and date_trunc('month', r.issued_on)::date = q.month_on);
