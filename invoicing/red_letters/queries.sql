-- name: taken
-- What red letters have taken of each line, those on their way included. The caller holds the
-- invoice's lock, so that two red letters never take the same fen.
select (l ->> 'line_no')::int as line_no, sum((l ->> 'amount_fen')::bigint)::bigint as amount_fen,
       sum((l ->> 'tax_fen')::bigint)::bigint as tax_fen
from invoicing.red_letters r cross join lateral jsonb_array_elements(r.lines) l
where r.business_id = :business_id and r.invoice_id = :invoice_id and r.state <> 'refused'
group by 1;

-- name: take
-- The blue invoice remembers what was taken back; negative when a red letter was refused.
update invoicing.invoices
set red_amount_fen = red_amount_fen + :amount_fen, red_tax_fen = red_tax_fen + :tax_fen
where business_id = :business_id and id = :invoice_id;

-- name: add_red_letter
-- A red letter is frozen from its first moment.
insert into invoicing.red_letters
  (business_id, id, invoice_id, reason, issued_on, lines, amount_fen, tax_fen, total_fen,
   restores_quota, made_by, created_at)
values (:business_id, :id, :invoice_id, :reason, :today, :lines, :amount_fen, :tax_fen, :total_fen,
        :restores_quota, :person_id, :now);

-- name: red_letter
-- One red letter.
select id, invoice_id, state, reason, number, issued_on, lines, amount_fen, tax_fen, total_fen,
       restores_quota, created_at, issued_at, refusal, pdf_file_id, xml_file_id
from invoicing.red_letters where business_id = :business_id and id = :id;

-- name: lock_red_letter
-- One red letter before its state changes.
select id, invoice_id, state, reason, number, issued_on, lines, amount_fen, tax_fen, total_fen,
       restores_quota, created_at, issued_at, refusal, pdf_file_id, xml_file_id
from invoicing.red_letters where business_id = :business_id and id = :id for no key update;

-- name: red_letters_page
-- Newest first; of one invoice or of all.
select id, invoice_id, state, reason, number, issued_on, lines, amount_fen, tax_fen, total_fen,
       restores_quota, created_at, issued_at, refusal, pdf_file_id, xml_file_id
from invoicing.red_letters
where business_id = :business_id
  and (:invoice_id::uuid is null or invoice_id = :invoice_id)
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc
limit :limit + 1;

-- name: mark_issued
-- The number, once.
update invoicing.red_letters set state = 'issued', number = :number, issued_at = :now
where business_id = :business_id and id = :id and state = 'submitted';

-- name: mark_refused
-- The platform's reason, once.
update invoicing.red_letters set state = 'refused', refusal = :refusal
where business_id = :business_id and id = :id and state = 'submitted';

-- name: attach_documents
-- The stored files, once.
update invoicing.red_letters set pdf_file_id = :pdf_file_id, xml_file_id = :xml_file_id
where business_id = :business_id and id = :id and pdf_file_id is null;
