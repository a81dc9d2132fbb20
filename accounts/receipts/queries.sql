-- name: receipt_of
-- The receipt of one payment or credit; one exists at most.
select id, source, source_id, number, code, file_id, issued_at
from accounts.receipts
where business_id = :business_id and source = :source and source_id = :source_id;

-- name: add_receipt
-- The key refuses a second receipt of the same movement.
insert into accounts.receipts
  (business_id, id, source, source_id, number, code, file_id, issued_at)
values (:business_id, :id, :source, :source_id, :number, :code, :file_id, :now);

-- name: publish
-- What a stranger with the code may see, where no firm is known yet.
insert into accounts.receipt_directory
  (code, business_id, receipt_id, number, amount_fen, currency, booked_on, payer, payee, issued_at)
values
  (:code, :business_id, :receipt_id, :number, :amount_fen, :currency, :booked_on, :payer, :payee,
   :now);

-- name: check_code
-- Only the whole code finds anything.
select number, amount_fen, currency, booked_on, payer, payee, issued_at
from accounts.receipt_directory where code = :code;
