-- name: receipt_differs_from_its_line
-- What the public check says is what was booked, and as often as it was printed.
select r.business_id, r.id, r.code
from accounts.receipts r
left join accounts.receipt_directory d
  on d.code = r.code and d.receipt_id = r.id and d.business_id = r.business_id
left join ledger.postings p
  on p.business_id = r.business_id and p.account_id = r.account_id and p.booked_on = r.booked_on
  and p.seq = r.seq
where d.code is null or p.seq is null or d.amount_fen <> abs(p.amount_fen)
   or d.booked_on <> p.booked_on or d.currency <> p.currency or d.prints <> r.prints;

-- name: published_receipt_without_its_own
-- Nothing can be checked that was not issued.
select d.business_id, d.code from accounts.receipt_directory d
left join accounts.receipts r on r.business_id = d.business_id and r.id = d.receipt_id
where r.id is null;
