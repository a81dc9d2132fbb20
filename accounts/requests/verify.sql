-- name: request_paid_beyond_its_amount
-- Nobody pays a request twice: what reached the payee, or still may, is never more than was asked.
select d.business_id, d.code, d.amount_fen, sum(c.amount_fen) as claimed_fen
from accounts.request_claims c
join accounts.request_directory d on d.code = c.code
join accounts.payments p on p.business_id = c.payer_business_id and p.id = c.payment_id
where d.amount_fen is not null
  and p.state not in ('refused', 'rejected', 'cancelled', 'failed', 'returned')
group by d.business_id, d.code, d.amount_fen having sum(c.amount_fen) > d.amount_fen;

-- name: request_receipt_without_its_payment
-- What the payee was told of was paid, by that payment and in that amount.
select r.business_id, r.request_id, r.payment_id
from accounts.request_receipts r
left join accounts.request_claims c on c.payment_id = r.payment_id and c.amount_fen = r.amount_fen
left join accounts.payments p
  on p.business_id = c.payer_business_id and p.id = c.payment_id and p.state = 'settled'
where p.id is null;
