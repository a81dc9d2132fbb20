-- name: payment_moved_otherwise_than_noted
-- Every payment that reached another bank was noted once with its amount, and no other was.
select p.business_id, p.id, p.state
from accounts.payments p
left join accounts.clearing_movements m
  on m.direction = 'outgoing' and m.reference = p.id::text and m.line_no = 0
where p.rail <> 'in_bank'
  and ((p.state in ('settled', 'returned')) is distinct from (m.reference is not null)
       or m.amount_fen <> p.amount_fen or m.business_id <> p.business_id);

-- name: return_moved_otherwise_than_noted
-- Every payment that came back was noted once as returned, with its whole amount.
select p.business_id, p.id, p.state
from accounts.payments p
left join accounts.clearing_movements m
  on m.direction = 'outgoing_returned' and m.reference = p.id::text and m.line_no = 0
where p.rail <> 'in_bank'
  and ((p.state = 'returned') is distinct from (m.reference is not null)
       or m.amount_fen <> p.amount_fen);

-- name: credit_moved_otherwise_than_noted
-- Every credit decided about was noted as come in, and as sent back where it was refused.
select d.reference, d.business_id
from accounts.incoming_decisions d
left join accounts.clearing_movements i
  on i.direction = 'incoming' and i.reference = d.reference and i.line_no = 0
left join accounts.clearing_movements r
  on r.direction = 'incoming_returned' and r.reference = d.reference and r.line_no = 0
where i.amount_fen is distinct from d.amount_fen
   or d.accepted is distinct from (r.reference is null) or r.amount_fen <> d.amount_fen;
