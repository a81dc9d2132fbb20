-- name: settle
-- Over all firms: the next ended quarter of a slice of accounts.
select business_id, account_id
from accounts.settle_interest(:on, :now, :after_business, :after, :most);

-- name: take_due
-- Over all firms: interest that can be booked now, marked as paid.
select business_id, account_id, until_on, interest_fen
from accounts.take_interest_due(:today, :now, :most);

-- name: running
-- What has accrued since the last settlement, up to the day before, in one snapshot.
select s.from_on,
       accounts.interest_parts(s.business_id, s.id, s.currency, s.balance_fen, s.from_on,
                               greatest(s.from_on, :today::date)) as parts
from (
  select d.business_id, d.id, d.currency::text, a.balance_fen,
         coalesce((select max(upper(i.period)) from accounts.interest i
                   where i.business_id = :business_id and i.account_id = d.id),
                  d.opened_on) as from_on
  from accounts.deposits d
  join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
  where d.business_id = :business_id and d.id = :account_id
) s;

-- name: settlements
-- What was settled, newest first.
select account_id, lower(period) as from_on, upper(period) as until_on, parts, interest_fen, state,
       paid_on
from accounts.interest
where business_id = :business_id and account_id = :account_id
order by period desc limit 100;

-- name: add
-- The last period of an account that is closed.
insert into accounts.interest
  (business_id, account_id, period, parts, interest_fen, state, settled_at)
values (:business_id, :account_id, daterange(:from_on, :until_on), :parts, :interest_fen,
        case :interest_fen::bigint when 0 then 'nothing' else 'due' end, :now);

-- name: pay_due_of
-- Everything due on one account, marked as paid in the transaction that books it.
update accounts.interest set state = 'paid', paid_on = :today
where business_id = :business_id and account_id = :account_id and state = 'due'
returning business_id, account_id, upper(period) - 1 as until_on, interest_fen;
