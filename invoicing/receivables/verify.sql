-- name: issued_invoice_without_its_receivable
-- Every issued invoice is owed, for its whole amount; invoices whose reaction still runs excepted.
select i.business_id, i.id
from invoicing.invoices i
left join invoicing.receivables r on r.business_id = i.business_id and r.invoice_id = i.id
where i.state = 'issued' and r.amount_fen is distinct from i.total_fen
  and not exists (select from core.outbox o where o.business_id = i.business_id
                                              and o.relayed_at is null)
  and not exists (select from core.jobs j where j.business_id = i.business_id
                                            and j.state in ('due', 'running'));

-- name: receivable_is_not_invoice_less_allocations
-- What is paid of a receivable is the sum of its allocations.
select r.business_id, r.id, r.paid_fen
from invoicing.receivables r
where r.paid_fen <> (
  select coalesce(sum(a.amount_fen), 0) from invoicing.allocations a
  where a.business_id = r.business_id and a.receivable_id = r.id);

-- name: receipt_allocated_is_not_its_allocations
-- What is used of a receipt is the sum of its allocations.
select n.business_id, n.receipt_id, n.allocated_fen
from invoicing.incoming n
where n.allocated_fen <> (
  select coalesce(sum(a.amount_fen), 0) from invoicing.allocations a
  where a.business_id = n.business_id and a.receipt_id = n.receipt_id);

-- name: receivable_credited_is_not_its_red_letters
-- What is taken back of a receivable is the sum of its credits.
select r.business_id, r.id, r.credited_fen
from invoicing.receivables r
where r.credited_fen <> (
  select coalesce(sum(c.amount_fen), 0) from invoicing.credits c
  where c.business_id = r.business_id and c.receivable_id = r.id);
