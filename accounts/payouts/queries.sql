-- name: next_rows
-- The next sound rows in the order of the file.
select no, payment_id, payee_name, payee_sealed, payee_account_tail, payee_bank_code, amount_fen,
       purpose, memo, reference
from accounts.batch_rows
where business_id = :business_id and batch_id = :batch_id and no > :after_no and problems = '[]'
order by no limit :limit;

-- name: taken_keys
-- Keys of this slice that somebody used for a payment of their own.
select key from accounts.payments
where business_id = :business_id and key = any(:keys::text[]);

-- name: claim_rows
-- The payments of a slice in one statement, copied from its rows; each row once, by its id.
insert into accounts.payments
  (business_id, id, key, fingerprint, made_by, account_id, amount_fen, payee_name, payee_sealed,
   payee_account_tail, payee_bank_code, purpose, memo, state, answered_state, created_at)
select :business_id, r.payment_id, k.key, k.print, :made_by, :account_id, r.amount_fen,
       r.payee_name, r.payee_sealed, r.payee_account_tail, r.payee_bank_code, r.purpose, r.memo,
       'draft', 'draft', :now
from unnest(:nos::int[], :keys::text[], :prints::bytea[]) k(no, key, print)
join accounts.batch_rows r
  on r.business_id = :business_id and r.batch_id = :batch_id and r.no = k.no;

-- name: save_rows
-- What was decided about the payments of a slice, in the transaction that moved their money.
update accounts.payments p
set state = d.state, answered_state = d.state, version = 2, first_version = 2, rail = d.rail,
    reason = d.reason, refusal = d.refusal::jsonb, payee_business_id = d.business,
    payee_account_id = d.account, transfer_id = d.transfer, hold_id = d.hold,
    send_after = d.after, submitted_at = d.submitted, finished_at = d.finished,
    limit_used_on = d.counted
from unnest(:ids::uuid[], :states::text[], :rails::text[], :reasons::text[], :refusals::text[],
            :businesses::uuid[], :accounts::uuid[], :transfers::uuid[], :holds::uuid[],
            :afters::timestamptz[], :submitted::timestamptz[], :finished::timestamptz[],
            :counted::date[])
  d(id, state, rail, reason, refusal, business, account, transfer, hold, after, submitted,
    finished, counted)
where p.business_id = :business_id and p.id = d.id;

-- name: features
-- What the monitors are told of these payments.
select i.id as payment_id, accounts.payment_features(:business_id, i.id) as features
from unnest(:ids::uuid[]) i(id);

-- name: advance
-- Rows up to here have their payments.
update accounts.batches set done_until = :done_until
where business_id = :business_id and id = :id;

-- name: counts
-- How far a batch has come.
select (count(*) filter (where p.state = 'settled'))::int as settled,
       (count(*) filter (where p.state in ('under_review', 'pending_approval', 'submitted',
                                           'processing', 'unknown')))::int as open,
       (count(*) filter (where p.id is null or p.state in ('refused', 'rejected', 'failed',
                                                           'returned', 'cancelled')))::int
         as not_settled
from accounts.batch_rows r
left join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where r.business_id = :business_id and r.batch_id = :batch_id;
