-- name: receipt_differs_from_its_movement
-- What the public check says is what was paid or received.
select r.business_id, r.id, r.source
from accounts.receipts r
left join accounts.receipt_directory d on d.code = r.code and d.receipt_id = r.id
left join accounts.payments p
  on r.source = 'payment' and p.business_id = r.business_id and p.id = r.source_id
left join accounts.incoming_credits c
  on r.source = 'credit' and c.business_id = r.business_id and c.id = r.source_id
where d.code is null or d.amount_fen is distinct from coalesce(p.amount_fen, c.amount_fen);
