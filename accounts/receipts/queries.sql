-- name: receipt
-- A receipt of the firm.
select id, account_id, booked_on, seq, number, code, prints, issued_at, file_id
from accounts.receipts where business_id = :business_id and id = :id;

-- name: receipt_of_line
-- The receipt of a line; one exists at most.
select id, account_id, booked_on, seq, number, code, prints, issued_at, file_id
from accounts.receipts
where business_id = :business_id and account_id = :account_id and booked_on = :booked_on
  and seq = :seq;

-- name: receipts_of_lines
-- The receipts that a stretch of lines has already.
select id, account_id, booked_on, seq, number, code, prints, issued_at, file_id
from accounts.receipts
where business_id = :business_id and account_id = :account_id
  and (booked_on, seq) in (select * from unnest(:days::date[], :seqs::bigint[]));

-- name: add_receipts
-- Of two who want the same line's receipt at once one makes it; the other finds it.
insert into accounts.receipts
  (business_id, id, account_id, booked_on, seq, number, code, issued_at)
select :business_id, n.id, :account_id, n.booked_on, n.seq, n.number, n.code, :now
from unnest(:ids::uuid[], :days::date[], :seqs::bigint[], :numbers::text[], :codes::text[])
  n(id, booked_on, seq, number, code)
on conflict on constraint one_receipt_per_line do nothing returning code;

-- name: publish
-- What a stranger with a code may see, where no firm is known yet.
insert into accounts.receipt_directory
  (code, business_id, receipt_id, number, kind, amount_fen, currency, booked_on, payer, payee,
   issued_at)
select n.code, :business_id, n.id, n.number, n.kind, n.amount_fen, n.currency, n.booked_on,
       n.payer, n.payee, :now
from unnest(:codes::text[], :ids::uuid[], :numbers::text[], :kinds::text[], :amounts::bigint[],
            :currencies::text[], :days::date[], :payers::text[], :payees::text[])
  n(code, id, number, kind, amount_fen, currency, booked_on, payer, payee);

-- name: count_prints
-- One print more of each.
update accounts.receipts set prints = prints + 1
where business_id = :business_id and id = any(:ids::uuid[]);

-- name: publish_prints
-- Whoever checks a receipt sees how often it was printed.
update accounts.receipt_directory set prints = prints + 1
where business_id = :business_id and code = any(:codes::text[]);

-- name: keep_file
-- Drawn once: a second drawing of the same receipt is not kept.
update accounts.receipts set file_id = :file_id
where business_id = :business_id and id = :id and file_id is null;

-- name: check_code
-- Only the whole code finds anything.
select number, kind, amount_fen, currency, booked_on, payer, payee, prints, issued_at
from accounts.receipt_directory where code = :code;
