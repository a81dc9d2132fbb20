-- name: add_batch
-- A batch whose rows are still to be read.
insert into accounts.batches
  (business_id, id, account_id, name, mode, speed, file_id, retries, state, made_by, created_at)
values
  (:business_id, :id, :account_id, :name, :mode, :speed, :file_id, :retries, 'checking',
   :person_id, :now);

-- name: batch
-- One batch as its firm sees it.
select id, account_id, name, mode, speed, file_id, retries, state, reason, row_count, bad_count,
       warned_count, total_fen, in_bank_fen, encode(content_hash, 'hex') as content_hash,
       done_until, made_by, version, created_at, released_at, sent_at, finished_at
from accounts.batches where business_id = :business_id and id = :id;

-- name: lock_batch
-- One decision about a batch at a time, and one slice of it.
select id, account_id, name, mode, speed, file_id, retries, state, reason, row_count, bad_count,
       warned_count, total_fen, in_bank_fen, encode(content_hash, 'hex') as content_hash,
       done_until, made_by, version, created_at, released_at, sent_at, finished_at
from accounts.batches where business_id = :business_id and id = :id for no key update;

-- name: batches_page
-- Newest first; one row more than the page.
select id, account_id, name, mode, speed, retries, state, reason, row_count, bad_count,
       warned_count, total_fen, in_bank_fen, encode(content_hash, 'hex') as content_hash,
       done_until, made_by, version, created_at, released_at, sent_at, finished_at
from accounts.batches
where business_id = :business_id and (:after_id::uuid is null or id < :after_id)
order by id desc limit :limit::int + 1;

-- name: retried_by
-- The batch that the failed rows of another went into.
select id from accounts.batches where business_id = :business_id and retries = :id;

-- name: message_file
-- The file of a batch that was read from a message, for its answer.
select file_id from accounts.batches
where business_id = :business_id and id = :id and message_id is not null;

-- name: save_batch
-- The batch as decided.
update accounts.batches
set state = :state, reason = :reason, version = :version, released_at = :released_at,
    sent_at = :sent_at, finished_at = :finished_at
where business_id = :business_id and id = :id;

-- name: rows_page
-- Rows in the order of the file with what came of each, of one outcome or of all.
select * from (
  select r.no, r.line_no, r.payee_name, r.payee_account_tail, r.payee_bank_code, r.amount_fen,
         r.purpose, r.memo, r.reference, r.problems, r.warnings,
         case when r.problems <> '[]' then 'wrong'
              when p.id is not null then p.state
              when b.state in ('finished', 'failed', 'rejected', 'cancelled') then 'not_paid'
              else 'waiting' end as outcome,
         coalesce(p.reason, case when p.id is null then b.reason end) as reason,
         p.id as payment_id
  from accounts.batch_rows r
  join accounts.batches b on b.business_id = r.business_id and b.id = r.batch_id
  left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
  where r.business_id = :business_id and r.batch_id = :batch_id and r.no > :after_no
) found
where :outcome::text is null or found.outcome = :outcome
order by found.no limit :limit::int + 1;

-- name: tallies
-- How many rows came to what, in one pass.
select case when r.problems <> '[]' then 'wrong'
            when p.id is not null then p.state
            when b.state in ('finished', 'failed', 'rejected', 'cancelled') then 'not_paid'
            else 'waiting' end as outcome,
       count(*)::int as rows, coalesce(sum(r.amount_fen), 0)::bigint as amount_fen
from accounts.batch_rows r
join accounts.batches b on b.business_id = r.business_id and b.id = r.batch_id
left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where r.business_id = :business_id and r.batch_id = :batch_id
group by 1 order by 1;

-- name: outside_amounts
-- What is still to be paid to other banks, by amount: each amount has one price.
select r.amount_fen, count(*)::int as rows
from accounts.batch_rows r
left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where r.business_id = :business_id and r.batch_id = :batch_id and r.problems = '[]'
  and p.id is null and left(r.payee_bank_code, 3) <> left(:own_bank_code, 3)
group by r.amount_fen;

-- name: result_rows
-- Every row for the result file.
select r.no, r.line_no, r.payee_name, r.payee_account_tail, r.payee_bank_code, r.amount_fen,
       r.purpose, r.memo, r.reference, r.problems, r.warnings,
       case when r.problems <> '[]' then 'wrong'
            when p.id is not null then p.state
            when b.state in ('finished', 'failed', 'rejected', 'cancelled') then 'not_paid'
            else 'waiting' end as outcome,
       coalesce(p.reason, case when p.id is null then b.reason end) as reason,
       p.id as payment_id, r.payment_id as row_id, r.payee_sealed, r.raw_sealed
from accounts.batch_rows r
join accounts.batches b on b.business_id = r.business_id and b.id = r.batch_id
left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where r.business_id = :business_id and r.batch_id = :batch_id
order by r.no;

-- name: holders
-- Whose accounts of this bank these numbers are, all at once.
select number, business_id, account_id, name
from accounts.account_directory where number = any(:numbers::text[]);

-- name: kinds
-- The sound rows by what a mandate looks at, with the largest and the sum of each kind.
select payee_bank_code, payee, party_id, purpose, max(amount_fen) as largest_fen,
       sum(amount_fen)::bigint as sum_fen, count(*)::int as count
from accounts.batch_rows
where business_id = :business_id and batch_id = :batch_id and problems = '[]'
group by payee_bank_code, payee, party_id, purpose;
