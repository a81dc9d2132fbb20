-- name: batch_row_paid_otherwise
-- What was agreed to is what was paid: payer, payee and amount of each row and of its payment.
select r.business_id, r.batch_id, r.no, p.id
from accounts.batch_rows r
join accounts.batches b on b.business_id = r.business_id and b.id = r.batch_id
join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where p.amount_fen <> r.amount_fen or p.account_id <> b.account_id
   or p.payee_account_tail <> r.payee_account_tail or p.payee_bank_code <> r.payee_bank_code
   or p.payee_name <> r.payee_name or r.problems <> '[]' or b.released_at is null
   or p.key <> 'batch:' || r.batch_id || ':' || r.no;

-- name: batch_row_passed_over
-- A row behind the mark has its payment, unless its key belonged to another payment before.
select r.business_id, r.batch_id, r.no
from accounts.batch_rows r
join accounts.batches b on b.business_id = r.business_id and b.id = r.batch_id
left join accounts.payments p
  on p.business_id = r.business_id and p.key = 'batch:' || r.batch_id || ':' || r.no
where r.problems = '[]' and (r.no <= b.done_until) is distinct from (p.id is not null)
  and not (r.no > b.done_until and p.id is distinct from r.payment_id);

-- name: batch_all_or_nothing_in_part
-- An all-or-nothing batch has every row's payment, none of them refused by us, or has none.
select b.business_id, b.id, count(*) as rows, count(p.id) as paid
from accounts.batches b
join accounts.batch_rows r on r.business_id = b.business_id and r.batch_id = b.id
left join accounts.payments p
  on p.business_id = r.business_id and p.id = r.payment_id and p.state <> 'refused'
where b.mode = 'atomic'
group by b.business_id, b.id having count(p.id) not in (0, count(*));

-- name: batch_finished_too_early
-- A finished batch has no row whose outcome is still open.
select b.business_id, b.id, p.id as payment_id
from accounts.batches b
join accounts.batch_rows r on r.business_id = b.business_id and r.batch_id = b.id
join accounts.payments p on p.business_id = r.business_id and p.id = r.payment_id
where b.state = 'finished'
  and p.state in ('under_review', 'pending_approval', 'submitted', 'processing', 'unknown');
