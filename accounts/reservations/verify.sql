-- name: reservation_differs_from_its_hold
-- What a reservation was made for is what its hold has given and holds, on the same account.
select r.business_id, r.id, r.amount_fen, h.amount_fen as held_fen, h.taken_fen
from accounts.reservations r
left join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
where h.id is null or h.account_id <> r.account_id or h.amount_fen + h.taken_fen <> r.amount_fen;

-- name: reservation_end_differs_from_its_hold
-- One that was let go has a released hold, and no other has.
select r.business_id, r.id, r.ended, h.state
from accounts.reservations r
join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
where (h.state = 'released') is distinct from coalesce(r.ended <> 'confirmed', false)
   or (r.ended = 'confirmed' and h.state <> 'captured');

-- name: reservation_paid_another_sum
-- What a hold gave in parts is what payments took from it, to the payee it was reserved for; one
-- that the bank looked at had taken its part, whatever became of it.
select r.business_id, r.id, p.taken_fen
from accounts.reservations r
join ledger.holds h on h.business_id = r.business_id and h.id = r.hold_id
left join lateral (
  select sum(o.amount_fen) filter (
           where o.hold_id is not null or k.entry_id is not null or v.payment_id is not null
             or (o.state = 'cancelled' and o.submitted_at is not null)) as taken_fen,
         bool_or(o.payee_account_tail <> r.payee_account_tail or o.payee_name <> r.payee_name
                 or o.payee_bank_code <> r.payee_bank_code) as stranger
  from accounts.payments o
  left join ledger.entry_keys k
    on k.business_id = o.business_id and k.kind = 'payment' and k.business_key = o.id::text
  left join accounts.payment_reviews v
    on v.business_id = o.business_id and v.payment_id = o.id
  where o.business_id = r.business_id and o.from_hold_id = r.hold_id
) p on true
where coalesce(p.taken_fen, 0)
      <> h.taken_fen + case h.state when 'captured' then h.amount_fen else 0 end
   or coalesce(p.stranger, false);
