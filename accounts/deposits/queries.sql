-- name: add_deposit
-- The account's own row; its id is the ledger account's id, so that one id names both.
insert into accounts.deposits
  (business_id, id, number, name, account_class, opened_on)
values (:business_id, :id, :number, :name, :account_class, :today);

-- name: add_to_directory
-- A number names one account in the whole bank; a second one is refused by the key.
insert into accounts.account_directory (number, business_id, account_id, name)
values (:number, :business_id, :account_id, :name);

-- name: holder_of
-- Whose account a number is: payments and incoming credits find their firm here.
select d.business_id, d.account_id, d.name
from accounts.account_directory d where d.number = :number;

-- name: accounts_of_firm
-- All accounts with their money in one snapshot.
select d.id, d.number, d.name, d.account_class, d.currency, d.state, d.state_reason, d.opened_on,
       d.closed_on, d.version, a.balance_fen, a.held_fen,
       a.balance_fen - a.held_fen as available_fen
from accounts.deposits d
join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where d.business_id = :business_id
order by d.opened_on, d.id limit 200;

-- name: account
-- One account with its money in one snapshot.
select d.id, d.number, d.name, d.account_class, d.currency, d.state, d.state_reason, d.opened_on,
       d.closed_on, d.version, a.balance_fen, a.held_fen,
       a.balance_fen - a.held_fen as available_fen
from accounts.deposits d
join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where d.business_id = :business_id and d.id = :id;

-- name: deposit
-- The account's own row, without its money.
select id, number, name, account_class, currency, state, state_reason, state_set_by, state_until,
       opened_on, closed_on, version
from accounts.deposits where business_id = :business_id and id = :id;

-- name: firm_of_account
-- The firm of an account for the bank's staff, who work across firms.
select business_id from accounts.deposits where id = :id;

-- name: lock_deposit
-- One change of state at a time.
select id, number, name, account_class, currency, state, state_reason, state_set_by, state_until,
       opened_on, closed_on, version
from accounts.deposits where business_id = :business_id and id = :id for no key update;

-- name: save_state
-- The state decided by the rules, with who ordered it and for how long.
update accounts.deposits
set state = :state, state_reason = :state_reason, state_set_by = :state_set_by,
    state_until = :state_until, closed_on = :closed_on, version = :version
where business_id = :business_id and id = :id;

-- name: away
-- Money sent and undecided, and wages not yet settled and swept: it may come back.
select (coalesce((select sum(p.amount_fen) from accounts.payments p
                  where p.business_id = :business_id and p.account_id = :id
                    and p.state in ('processing', 'unknown')), 0)
        + coalesce((select sum(a.balance_fen) from ledger.accounts a
                    where a.business_id = :business_id and a.kind = 'wages_in_transit'), 0))::bigint;

-- name: others_open
-- The basic account is closed after all others.
select count(*) from accounts.deposits
where business_id = :business_id and id <> :id and state <> 'closed';
