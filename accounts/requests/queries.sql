-- name: add_request
-- A request of the firm.
insert into accounts.payment_requests
  (business_id, id, code, kind, account_id, amount_fen, partial, purpose, memo, reference,
   to_named_firm, made_by, created_at, expires_at)
values
  (:business_id, :id, :code, :kind, :account_id, :amount_fen, :partial, :purpose, :memo,
   :reference, :to_named_firm, :person_id, :now, :expires_at);

-- name: publish
-- Whoever holds the code finds the request by it.
insert into accounts.request_directory
  (code, business_id, request_id, payee_name, payee_number, payer_business_id, kind, amount_fen,
   partial, purpose, memo, reference, created_at, expires_at)
values
  (:code, :business_id, :id, :payee_name, :payee_number, :payer_business_id, :kind, :amount_fen,
   :partial, :purpose, :memo, :reference, :now, :expires_at);

-- name: payer_of
-- The firm of this bank that is asked, by the number of its account.
select business_id from accounts.account_directory where number = :number;

-- name: request
-- One request with what was paid on it.
select r.id, r.code, r.kind, r.account_id, r.amount_fen, r.partial, r.purpose, r.memo,
       r.reference, r.to_named_firm, coalesce(p.paid_fen, 0)::bigint as paid_fen, r.made_by,
       r.created_at, r.expires_at, r.cancelled_at
from accounts.payment_requests r
left join lateral (
  select sum(c.amount_fen) as paid_fen from accounts.request_receipts c
  where c.business_id = r.business_id and c.request_id = r.id
) p on true
where r.business_id = :business_id and r.id = :id;

-- name: requests_page
-- The firm's requests, newest first; one row more than the page.
select r.id, r.code, r.kind, r.account_id, r.amount_fen, r.partial, r.purpose, r.memo,
       r.reference, r.to_named_firm, coalesce(p.paid_fen, 0)::bigint as paid_fen, r.made_by,
       r.created_at, r.expires_at, r.cancelled_at
from accounts.payment_requests r
left join lateral (
  select sum(c.amount_fen) as paid_fen from accounts.request_receipts c
  where c.business_id = r.business_id and c.request_id = r.id
) p on true
where r.business_id = :business_id and (:after_id::uuid is null or r.id < :after_id)
order by r.id desc limit :limit::int + 1;

-- name: cancel_request
-- Taken back, if it was not before.
update accounts.payment_requests set cancelled_at = :now
where business_id = :business_id and id = :id and cancelled_at is null;

-- name: close_code
-- Nobody pays by this code any more.
update accounts.request_directory set closed_at = :now
where business_id = :business_id and code = :code and closed_at is null;

-- name: by_code
-- What stands in the directory under a code.
select code, business_id, request_id, payee_name, payee_number, payer_business_id, kind,
       amount_fen, partial, purpose, memo, reference, created_at, expires_at, closed_at
from accounts.request_directory where code = :code;

-- name: received
-- What the firm is asked to pay and has not begun to pay, newest first.
select d.code, d.business_id, d.request_id, d.payee_name, d.payee_number, d.payer_business_id,
       d.kind, d.amount_fen, d.partial, d.purpose, d.memo, d.reference, d.created_at,
       d.expires_at, d.closed_at
from accounts.request_directory d
where d.payer_business_id = :business_id and d.closed_at is null and d.expires_at > :now
  and not exists (
    select from accounts.request_claims c
    join accounts.payments p on p.business_id = c.payer_business_id and p.id = c.payment_id
    where c.code = d.code and c.payer_business_id = :business_id and not d.partial
      and p.state not in ('refused', 'rejected', 'cancelled', 'failed', 'returned'))
order by d.created_at desc limit 200;

-- name: claim
-- Binds the payment just made to the request: why it may not be, or nothing.
select coalesce(accounts.claim_request(:code, :business_id, :payment_id, :now), '') as refusal;

-- name: receipts
-- What was paid on a request, newest first.
select payment_id, amount_fen, payer_name_sealed, paid_at
from accounts.request_receipts
where business_id = :business_id and request_id = :request_id
order by paid_at desc, payment_id desc limit 200;

-- name: add_receipt
-- Told once per payment.
insert into accounts.request_receipts
  (business_id, request_id, payment_id, amount_fen, payer_name_sealed, paid_at, told_at)
values (:business_id, :request_id, :payment_id, :amount_fen, :payer_name_sealed, :paid_at, :now)
on conflict (business_id, request_id, payment_id) do nothing;
