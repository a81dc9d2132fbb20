-- name: closed_request_of_an_open_account
-- A request that ended in closing closed its account.
select c.business_id, c.id
from accounts.closings c
join accounts.deposits d on d.business_id = c.business_id and d.id = c.account_id
where c.state = 'closed' and d.state <> 'closed';

-- name: closed_account_with_money
-- Nothing is left on a closed account, and no interest is owed to it.
select d.business_id, d.id
from accounts.deposits d
join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where d.state = 'closed'
  and (a.balance_fen <> 0 or exists (
    select from accounts.interest i
    where i.business_id = d.business_id and i.account_id = d.id and i.state = 'due'));
