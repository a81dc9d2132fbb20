-- name: save_checked
-- What the file holds in sum, and the hash by which it is agreed to.
update accounts.batches
set row_count = :row_count, bad_count = :bad_count, warned_count = :warned_count,
    total_fen = :total_fen, in_bank_fen = :in_bank_fen,
    content_hash = :content_hash, message_id = :message_id
where business_id = :business_id and id = :id;

-- name: message_known
-- Whether another batch was read from the same message: it pays once.
select exists (select from accounts.batches
               where business_id = :business_id and message_id = :message_id and id <> :id) as known;

-- name: add_rows
-- All rows of a file in one statement, wrong ones too.
insert into accounts.batch_rows
  (business_id, batch_id, no, line_no, payment_id, payee_name, payee_sealed, payee_account_tail,
   payee_bank_code, amount_fen, purpose, memo, reference, problems, warnings, payee, party_id, raw_sealed)
select :business_id, :batch_id, r.no, r.line_no, r.payment_id, r.payee_name, r.payee_sealed,
       r.tail, r.bank_code, r.amount_fen, r.purpose, r.memo, r.reference, r.problems::jsonb,
       r.warnings::jsonb, r.payee, r.party_id, r.raw_sealed
from unnest(:nos::int[], :line_nos::int[], :payment_ids::uuid[], :names::text[], :sealed::bytea[],
            :tails::text[], :bank_codes::text[], :amounts::bigint[], :purposes::text[],
            :memos::text[], :refs::text[], :problems::text[], :warnings::text[],
            :payees::text[], :party_ids::uuid[], :raws::bytea[])
  r(no, line_no, payment_id, payee_name, payee_sealed, tail, bank_code, amount_fen, purpose, memo,
    reference, problems, warnings, payee, party_id, raw_sealed);

-- name: rows_to_retry
-- Rows whose money did not reach its payee: never paid, refused, failed or come back.
select r.no, r.line_no, r.payment_id, r.payee_name, r.payee_sealed, r.payee_account_tail,
       r.payee_bank_code, r.amount_fen, r.purpose, r.memo, r.reference
from accounts.batch_rows r
left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where r.business_id = :business_id and r.batch_id = :batch_id and r.problems = '[]'
  and (p.id is null or p.state in ('refused', 'failed', 'returned', 'cancelled', 'rejected'))
order by r.no;

-- name: known_payees
-- Which of these accounts stand in the firm's book.
select id, account_index, bank_code, trusted, cooling_until
from accounts.parties
where business_id = :business_id and state = 'active'
  and account_index = any(:indexes::bytea[]);

-- name: paid_lately
-- Payments of the last days with the amount and the payee's last digits of one of these rows.
select distinct on (r.tail, r.bank_code, r.amount_fen)
       r.tail, r.bank_code, r.amount_fen, p.id as payment_id
from accounts.payments p
join unnest(:tails::text[], :bank_codes::text[], :amounts::bigint[])
  r(tail, bank_code, amount_fen)
  on r.tail = p.payee_account_tail and r.bank_code = p.payee_bank_code
  and r.amount_fen = p.amount_fen
where p.business_id = :business_id and p.created_at >= :since
  and p.state in ('pending_approval', 'under_review', 'submitted', 'processing', 'unknown',
                  'settled')
order by r.tail, r.bank_code, r.amount_fen, p.created_at desc;
