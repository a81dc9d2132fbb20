-- name: escrow_loop_is_open
-- Per agreement, on the ledger alone: what came in = what went to payees + what went back + what
-- is still there; money of a release under way has left and is not lost.
select e.business_id, e.id, l.came_fen, l.went_fen, l.back_fen, a.balance_fen
from accounts.escrows e
left join ledger.accounts a on a.business_id = e.business_id and a.id = e.escrow_account_id
left join lateral (
  select coalesce(sum(p.amount_fen) filter (where v.kind = 'fund'), 0) as came_fen,
         coalesce(sum(-p.amount_fen) filter (where v.kind = 'release'), 0) as went_fen,
         coalesce(sum(-p.amount_fen) filter (where v.kind = 'return'), 0) as back_fen,
         count(*) filter (where v.payment_id is null) as strangers
  from ledger.postings p
  join ledger.entries n
    on n.business_id = p.business_id and n.booked_on = p.booked_on and n.id = p.entry_id
  left join accounts.escrow_moves v
    on v.business_id = p.business_id and v.escrow_id = e.id and v.payment_id::text = n.business_key
    and n.kind in ('payment', 'payment_failed', 'payment_returned')
  where p.business_id = e.business_id and p.account_id = e.escrow_account_id
) l on true
where a.id is null or a.kind <> 'escrow' or l.strangers > 0
   or l.came_fen <> l.went_fen + l.back_fen + a.balance_fen;

-- name: escrow_paid_a_stranger
-- Every order out of an escrow account went to the milestone's named payee, or back to the account
-- that the agreement pays from.
select v.business_id, v.escrow_id, v.payment_id, v.kind
from accounts.escrow_moves v
join accounts.escrows e on e.business_id = v.business_id and e.id = v.escrow_id
join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
left join accounts.escrow_milestones m
  on m.business_id = v.business_id and m.escrow_id = v.escrow_id and m.no = v.milestone_no
where p.mode <> e.mode or p.account_id <> e.account_id
   or (v.kind = 'fund' and p.into_account_id is distinct from e.escrow_account_id)
   or (v.kind <> 'fund' and p.from_account_id is distinct from e.escrow_account_id)
   or (v.kind = 'release'
       and (p.payee_name <> m.payee_name or p.payee_account_tail <> m.payee_account_tail
            or p.payee_bank_code <> m.payee_bank_code))
   or (v.kind = 'return'
       and (p.payee_account_id is distinct from e.account_id
            or p.payee_business_id is distinct from e.business_id));

-- name: escrow_order_without_its_agreement
-- No payment order moves an escrow account's money outside an agreement.
select p.business_id, p.id from accounts.payments p
left join accounts.escrow_moves v on v.business_id = p.business_id and v.payment_id = p.id
where p.mode in ('guaranteed', 'escrowed') and p.state <> 'refused' and v.payment_id is null;

-- name: escrow_account_of_no_agreement
-- An escrow account belongs to one agreement of its firm.
select a.business_id, a.id from ledger.accounts a
left join accounts.escrows e on e.business_id = a.business_id and e.escrow_account_id = a.id
where a.kind = 'escrow' and e.id is null;

-- name: milestone_paid_beyond_a_word
-- No payee has more than what both sides, a rule or the bank has let go.
select m.business_id, m.escrow_id, m.no, p.gone_fen
from accounts.escrow_milestones m
join lateral (
  select coalesce(sum(p.amount_fen), 0) as gone_fen
  from accounts.escrow_moves v
  join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
  where v.business_id = m.business_id and v.escrow_id = m.escrow_id and v.milestone_no = m.no
    and p.state in ('submitted', 'processing', 'unknown', 'settled')
) p on true
where p.gone_fen > least(m.payer_word_fen, m.beneficiary_word_fen) or p.gone_fen > m.amount_fen;

-- name: ended_escrow_keeps_money
-- One that is over and that nobody looks at any more is empty.
select e.business_id, e.id, e.state, a.balance_fen
from accounts.escrows e
join ledger.accounts a on a.business_id = e.business_id and a.id = e.escrow_account_id
where e.ended_at is not null and e.look_at is null and a.balance_fen - a.held_fen > 0
  and not exists (select from core.outbox o
                  where o.business_id = e.business_id and o.relayed_at is null)
  and not exists (select from core.jobs j
                  where j.business_id = e.business_id and j.state in ('due', 'running'));
