-- name: account_state_is_not_what_stands_on_it
-- The ledger lets through what the state says, and no more; a freeze of the whole shows.
select d.business_id, d.id, d.state, d.restriction, d.ordered, a.state as ledger_state
from accounts.deposits d
left join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where a.state is distinct from (case
        when d.restriction = 'closed' then 'closed'
        when d.restriction in ('no_in_no_out', 'dormant') then 'blocked'
        when d.restriction in ('stop_payment', 'receive_only') or d.ordered <> 'active'
          then 'no_debit'
        else 'open' end)
   or (d.ordered <> 'active' and d.state in ('active', 'suspended_noncounter'))
   or a.currency <> d.currency;

-- name: move_without_its_posting
-- Every move took its amount from one account and put it on the other, once.
select m.business_id, m.id
from accounts.moves m
left join ledger.entry_keys k
  on k.business_id = m.business_id and k.kind = 'move' and k.business_key = m.id::text
left join ledger.postings o
  on o.business_id = k.business_id and o.booked_on = k.booked_on and o.entry_id = k.entry_id
  and o.account_id = m.from_account_id and o.amount_fen = -m.amount_fen
left join ledger.postings i
  on i.business_id = k.business_id and i.booked_on = k.booked_on and i.entry_id = k.entry_id
  and i.account_id = m.to_account_id and i.amount_fen = m.amount_fen
where o.entry_id is null or i.entry_id is null;

-- name: sub_account_outside_its_family
-- A sub-account carries its parent's number with a suffix.
select s.business_id, s.id
from accounts.deposits s
join accounts.deposits p on p.business_id = s.business_id and p.id = s.parent_id
where s.number not like p.number || '___' or p.account_class = 'sub';
