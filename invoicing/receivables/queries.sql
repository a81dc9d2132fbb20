-- name: open_receivable
-- One receivable per issued invoice, however often the event comes.
insert into invoicing.receivables
  (business_id, id, invoice_id, invoice_number, buyer_name, amount_fen, issued_on, created_at)
values (:business_id, :id, :invoice_id, :invoice_number, :buyer_name, :amount_fen, :issued_on, :now)
on conflict (business_id, invoice_id) do nothing;

-- name: has_seen
-- Whether this receipt was already matched.
select exists (select from invoicing.incoming
               where business_id = :business_id and receipt_id = :receipt_id) as seen;

-- name: lock_candidates
-- Open receivables that a receipt may be for, under their locks in one order: named in the remark,
-- of exactly its amount, or of its payer.
select r.id, r.invoice_id, r.invoice_number, r.buyer_name, r.amount_fen, r.paid_fen,
       r.credited_fen, greatest(0, r.amount_fen - r.paid_fen - r.credited_fen) as open_fen,
       greatest(0, r.paid_fen + r.credited_fen - r.amount_fen) as refund_due_fen, r.issued_on, r.settled_at
from invoicing.receivables r
where r.business_id = :business_id and r.settled_at is null
  and (r.invoice_number = any(:numbers::text[]) or right(r.invoice_number, 8) = any(:numbers)
       or r.amount_fen - r.paid_fen - r.credited_fen = :amount_fen or r.buyer_name = :payer_name)
order by r.issued_on, r.id limit 500 for no key update;

-- name: lock_receivable
-- One receivable before an allocation.
select r.id, r.invoice_id, r.invoice_number, r.buyer_name, r.amount_fen, r.paid_fen,
       r.credited_fen, greatest(0, r.amount_fen - r.paid_fen - r.credited_fen) as open_fen,
       greatest(0, r.paid_fen + r.credited_fen - r.amount_fen) as refund_due_fen, r.issued_on, r.settled_at
from invoicing.receivables r
where r.business_id = :business_id and r.id = :id for no key update;

-- name: see_receipt
-- The receipt with what the matching decided.
insert into invoicing.incoming
  (business_id, receipt_id, amount_fen, allocated_fen, outcome, suggestions, seen_at)
values (:business_id, :receipt_id, :amount_fen, :allocated_fen, :outcome, :suggestions, :now);

-- name: lock_incoming
-- A receipt before more of it is allocated.
select receipt_id, amount_fen, allocated_fen, outcome, suggestions, seen_at
from invoicing.incoming
where business_id = :business_id and receipt_id = :receipt_id for no key update;

-- name: use_receipt
-- More of the receipt is allocated; the constraint refuses more than there is.
update invoicing.incoming set allocated_fen = allocated_fen + :amount_fen
where business_id = :business_id and receipt_id = :receipt_id;

-- name: add_allocation
-- Which receipt paid what of which receivable, and who said so.
insert into invoicing.allocations
  (business_id, receipt_id, receivable_id, amount_fen, reason, allocated_by, allocated_at)
values (:business_id, :receipt_id, :receivable_id, :amount_fen, :reason, :principal, :now)
on conflict (business_id, receipt_id, receivable_id) do nothing;

-- name: pay_receivable
-- The receivable with its new balance, settled at the last fen.
update invoicing.receivables
set paid_fen = paid_fen + :amount_fen,
    settled_at = case when paid_fen + :amount_fen + credited_fen >= amount_fen
                      then :now::timestamptz end
where business_id = :business_id and id = :id
returning settled_at is not null as settled;

-- name: lock_of_invoice
-- The receivable of an invoice before something of it is taken back.
select r.id from invoicing.receivables r
where r.business_id = :business_id and r.invoice_id = :invoice_id for no key update;

-- name: add_credit
-- One credit per red letter, however often the event comes.
insert into invoicing.credits (business_id, red_letter_id, receivable_id, amount_fen, credited_at)
values (:business_id, :red_letter_id, :receivable_id, :amount_fen, :now)
on conflict (business_id, red_letter_id) do nothing;

-- name: credit_receivable
-- Less is owed; settled when nothing is.
update invoicing.receivables
set credited_fen = credited_fen + :amount_fen,
    settled_at = case when paid_fen + credited_fen + :amount_fen >= amount_fen
                      then coalesce(settled_at, :now::timestamptz) end
where business_id = :business_id and id = :id;

-- name: receivable
-- One receivable to read.
select r.id, r.invoice_id, r.invoice_number, r.buyer_name, r.amount_fen, r.paid_fen,
       r.credited_fen, greatest(0, r.amount_fen - r.paid_fen - r.credited_fen) as open_fen,
       greatest(0, r.paid_fen + r.credited_fen - r.amount_fen) as refund_due_fen, r.issued_on, r.settled_at
from invoicing.receivables r where r.business_id = :business_id and r.id = :id;

-- name: receivables_page
-- Newest first; `state` open or settled, or all.
select r.id, r.invoice_id, r.invoice_number, r.buyer_name, r.amount_fen, r.paid_fen,
       r.credited_fen, greatest(0, r.amount_fen - r.paid_fen - r.credited_fen) as open_fen,
       greatest(0, r.paid_fen + r.credited_fen - r.amount_fen) as refund_due_fen, r.issued_on, r.settled_at
from invoicing.receivables r
where r.business_id = :business_id
  and (:state::text is null or (:state = 'open') = (r.settled_at is null))
  and (:after_on::date is null or (r.issued_on, r.id) < (:after_on, :after_id::uuid))
order by r.issued_on desc, r.id desc
limit :limit + 1;

-- name: unallocated
-- Receipts that wait for the owner, oldest first.
select receipt_id, amount_fen, allocated_fen, outcome, suggestions, seen_at
from invoicing.incoming
where business_id = :business_id and allocated_fen < amount_fen
order by seen_at, receipt_id limit 200;

-- name: named
-- The receivables that suggestions point to, as far as they are still open.
select r.id, r.invoice_id, r.invoice_number, r.buyer_name, r.amount_fen, r.paid_fen,
       r.credited_fen, greatest(0, r.amount_fen - r.paid_fen - r.credited_fen) as open_fen,
       greatest(0, r.paid_fen + r.credited_fen - r.amount_fen) as refund_due_fen, r.issued_on, r.settled_at
from invoicing.receivables r
where r.business_id = :business_id and r.id = any(:ids::uuid[]) and r.settled_at is null;
