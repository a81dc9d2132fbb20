-- name: add_invoice
-- A new draft.
insert into invoicing.invoices
  (business_id, id, state, kind, buyer_name, buyer_uscc, buyer_email_sealed, seller_name,
   seller_uscc, lines, amount_fen, tax_fen, total_fen, remark, drawer, made_by, created_at)
values
  (:business_id, :id, 'draft', :kind, :buyer_name, :buyer_uscc, :buyer_email_sealed, :seller_name,
   :seller_uscc, :lines, :amount_fen, :tax_fen, :total_fen, :remark, :drawer, :person_id, :now);

-- name: change_invoice
-- The new text of a draft; the caller holds its lock and has compared the version.
update invoicing.invoices
set state = 'draft', version = version + 1, kind = :kind, buyer_name = :buyer_name,
    buyer_uscc = :buyer_uscc, buyer_email_sealed = :buyer_email_sealed, lines = :lines,
    amount_fen = :amount_fen, tax_fen = :tax_fen, total_fen = :total_fen, remark = :remark,
    drawer = :drawer, refusal = null
where business_id = :business_id and id = :id;

-- name: lock_invoice
-- The invoice under its row lock, before it changes.
select id, state, version, kind, number, issued_on, buyer_name, buyer_uscc, amount_fen, tax_fen,
       total_fen, created_at, seller_name, seller_uscc, lines, remark, drawer, quota_month_on,
       submitted_at, issued_at, refusal, pdf_file_id, xml_file_id, red_amount_fen, red_tax_fen
from invoicing.invoices where business_id = :business_id and id = :id for no key update;

-- name: invoice
-- One invoice to read.
select id, state, version, kind, number, issued_on, buyer_name, buyer_uscc, amount_fen, tax_fen,
       total_fen, created_at, seller_name, seller_uscc, lines, remark, drawer, quota_month_on,
       submitted_at, issued_at, refusal, pdf_file_id, xml_file_id, red_amount_fen, red_tax_fen
from invoicing.invoices where business_id = :business_id and id = :id;

-- name: invoices_page
-- The firm's invoices, newest first.
select id, state, version, kind, number, issued_on, buyer_name, buyer_uscc, amount_fen, tax_fen,
       total_fen, created_at
from invoicing.invoices
where business_id = :business_id
  and (:state::text is null or state = :state)
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc
limit :limit + 1;

-- name: take_quota
-- The month's quota under its lock, made at the first invoice of the month.
insert into invoicing.quotas as q (business_id, month_on) values (:business_id, :month_on)
on conflict (business_id, month_on) do update set used_fen = q.used_fen
returning q.month_on, q.limit_fen, q.used_fen;

-- name: use_quota
-- What a submitted invoice uses, or with a negative amount gives back.
update invoicing.quotas set used_fen = used_fen + :amount_fen
where business_id = :business_id and month_on = :month_on;

-- name: quota
-- The month's quota to read; none before the month's first invoice.
select month_on, limit_fen, used_fen from invoicing.quotas
where business_id = :business_id and month_on = :month_on;

-- name: learn_quota
-- The limit is the tax platform's word.
insert into invoicing.quotas as q (business_id, month_on, limit_fen)
values (:business_id, :month_on, :limit_fen)
on conflict (business_id, month_on) do update set limit_fen = excluded.limit_fen;

-- name: mark_submitted
-- Frozen from here on.
update invoicing.invoices
set state = 'submitted', version = :version, issued_on = :issued_on,
    quota_month_on = :quota_month_on, submitted_at = :now, refusal = null
where business_id = :business_id and id = :id;

-- name: mark_issued
-- The number, once.
update invoicing.invoices set state = 'issued', number = :number, issued_at = :now,
       version = version + 1
where business_id = :business_id and id = :id and state = 'submitted';

-- name: mark_refused
-- The platform's reason; the text may be mended and submitted again.
update invoicing.invoices set state = 'refused', refusal = :refusal, version = version + 1
where business_id = :business_id and id = :id and state = 'submitted';

-- name: attach_documents
-- The stored files of an issued invoice, once.
update invoicing.invoices set pdf_file_id = :pdf_file_id, xml_file_id = :xml_file_id
where business_id = :business_id and id = :id and pdf_file_id is null;
