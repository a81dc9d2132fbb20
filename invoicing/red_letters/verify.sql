-- name: red_letters_are_not_what_was_taken
-- What an invoice remembers as taken back is the sum of its red letters.
select i.business_id, i.id, i.red_amount_fen, i.red_tax_fen
from invoicing.invoices i
cross join lateral (
  select coalesce(-sum(r.amount_fen), 0) as amount_fen, coalesce(-sum(r.tax_fen), 0) as tax_fen
  from invoicing.red_letters r
  where r.business_id = i.business_id and r.invoice_id = i.id and r.state <> 'refused') s
where i.red_amount_fen <> s.amount_fen or i.red_tax_fen <> s.tax_fen;

-- name: red_letter_not_credited
-- An issued red letter lowers what the buyer owes, once its reaction has run.
select r.business_id, r.id
from invoicing.red_letters r
left join invoicing.credits c on c.business_id = r.business_id and c.red_letter_id = r.id
where r.state = 'issued' and c.amount_fen is distinct from -r.total_fen
  and not exists (select from core.outbox o where o.business_id = r.business_id
                                              and o.relayed_at is null)
  and not exists (select from core.jobs j where j.business_id = r.business_id
                                            and j.state in ('due', 'running'));
