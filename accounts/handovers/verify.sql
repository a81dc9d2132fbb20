-- name: handover_without_its_entry
-- What was handed over left suspense once with its amount, and its item says so.
select h.business_id, h.item_id, h.state
from accounts.handovers h
join accounts.suspense_items i on i.business_id = h.business_id and i.id = h.item_id
left join ledger.entry_keys k on k.business_id = h.business_id
  and k.kind = 'deduction_paid' and k.business_key = h.item_id::text
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.amount_fen = -h.amount_fen
where (h.state = 'done') is distinct from (p.entry_id is not null)
   or (h.state = 'done') is distinct from (i.state = 'handed_over')
   or h.amount_fen <> i.amount_fen;

-- name: handover_that_did_not_arrive
-- The authority has it: a movement at the clearing house, or a credit at this bank.
select h.business_id, h.item_id
from accounts.handovers h
where h.state = 'done'
  and not exists (select from accounts.clearing_movements m
                  where m.direction = 'outgoing' and m.reference = h.reference::text
                    and m.amount_fen = h.amount_fen)
  and not exists (select from ledger.entry_keys k
                  where k.kind = 'credit' and k.business_key = h.item_id::text);

-- name: item_handed_over_by_nobody
-- No item says that it was handed over without a hand-over that is done.
select i.business_id, i.id from accounts.suspense_items i
left join accounts.handovers h
  on h.business_id = i.business_id and h.item_id = i.id and h.state = 'done'
where i.state = 'handed_over' and h.item_id is null;
