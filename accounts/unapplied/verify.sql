-- name: suspended_credit_without_its_entry
-- What was taken into suspense was booked there once with its amount, and noted as come in.
select u.business_id, u.id, u.state
from accounts.unapplied_credits u
left join ledger.entry_keys k on k.business_id = u.business_id
  and k.kind = 'unapplied_credit' and k.business_key = u.reference
left join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
  and p.amount_fen = u.amount_fen
left join accounts.clearing_movements m
  on m.direction = 'incoming' and m.reference = u.reference and m.line_no = 0
  and m.amount_fen = u.amount_fen
where (u.state in ('suspended', 'returned', 'assigned')) is distinct from (p.entry_id is not null)
   or (p.entry_id is not null and m.reference is null);

-- name: unapplied_credit_went_two_ways
-- It is returned once, or on the account it names once, and never both.
select u.business_id, u.id, u.state
from accounts.unapplied_credits u
left join ledger.entry_keys back on back.business_id = u.business_id
  and back.kind = 'unapplied_returned' and back.business_key = u.id::text
left join ledger.entry_keys gone on gone.business_id = u.business_id
  and gone.kind = 'unapplied_assigned' and gone.business_key = u.id::text
left join accounts.clearing_movements m
  on m.direction = 'incoming_returned' and m.reference = u.reference and m.line_no = 0
where (u.state = 'returned') is distinct from (back.entry_id is not null)
   or (u.state = 'assigned') is distinct from (gone.entry_id is not null)
   or (u.state = 'returned' and m.reference is null)
   or (u.state in ('suspended', 'assigned') and m.reference is not null);

-- name: assigned_credit_not_on_its_account
-- The firm has its money under the reference it came with.
select u.business_id, u.id
from accounts.unapplied_credits u
left join accounts.incoming_credits c
  on c.business_id = u.to_business_id and c.source = 'outside' and c.reference = u.reference
  and c.account_id = u.to_account_id and c.amount_fen = u.amount_fen
where u.state = 'assigned' and c.id is null;

-- name: one_person_decided_alone
-- Every step behind an item that has left the bank's hands was agreed to by another person.
select business_id, id from accounts.unapplied_credits
where state in ('returned', 'assigned') and (agreed_by is null or agreed_by = proposed_by);
