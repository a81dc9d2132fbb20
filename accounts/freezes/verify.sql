-- name: frozen_amount_is_not_the_orders
-- The ledger holds back exactly what orders in force freeze, and its floor carries it.
select a.business_id, a.id, a.frozen_fen, coalesce(f.open_fen, 0) as ordered_fen
from ledger.accounts a
left join (select business_id, account_id, sum(amount_fen - taken_fen) as open_fen
           from accounts.freezes where state = 'active' and amount_fen is not null
           group by 1, 2) f on f.business_id = a.business_id and f.account_id = a.id
where a.frozen_fen <> coalesce(f.open_fen, 0)
   or (a.owner = 'firm' and a.floor_fen < a.frozen_fen);

-- name: order_not_on_its_account
-- An order of the whole account in force shows on the account, and none shows without one.
select d.business_id, d.id, d.ordered
from accounts.deposits d
where (d.ordered <> 'active') is distinct from exists (
    select from accounts.freezes f
    where f.business_id = d.business_id and f.account_id = d.id
      and f.state = 'active' and f.amount_fen is null);

-- name: freeze_queue_out_of_order
-- Nothing is in force behind an order of the whole account, and none waits without one before it.
select f.business_id, f.id, f.state
from accounts.freezes f
where f.state in ('active', 'queued')
  and (f.state = 'queued') is distinct from exists (
    select from accounts.freezes b
    where b.business_id = f.business_id and b.account_id = f.account_id and b.place < f.place
      and b.state in ('active', 'queued') and b.amount_fen is null);

-- name: taken_is_not_the_steps
-- What was taken under an order is what its steps and the postings say.
select f.business_id, f.id, f.taken_fen
from accounts.freezes f
left join (select business_id, freeze_id, sum(amount_fen) as fen from accounts.freeze_steps
           where step = 'taken' group by 1, 2) s
  on s.business_id = f.business_id and s.freeze_id = f.id
where f.taken_fen <> coalesce(s.fen, 0);
