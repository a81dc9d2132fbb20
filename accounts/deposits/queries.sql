-- name: add_deposit
-- The account's own row; its id is the ledger account's id, so that one id names both.
insert into accounts.deposits
  (business_id, id, number, name, account_class, currency, parent_id, label, bears_interest,
   opened_on)
values (:business_id, :id, :number, :name, :account_class, :currency, :parent_id, :label,
        :bears_interest, :today);

-- name: add_to_directory
-- A number names one account in the whole bank; a second one is refused by the key.
insert into accounts.account_directory (number, business_id, account_id, name, currency)
values (:number, :business_id, :account_id, :name, :currency);

-- name: holder_of
-- Whose account a number is: payments and incoming credits find their firm here, in yuan.
select d.business_id, d.account_id, d.name, d.number, d.listed
from accounts.account_directory d where d.number = :number and d.currency = 'CNY';

-- name: holders_of
-- Whose accounts these numbers are, for many names at once.
select d.business_id, d.account_id, d.name, d.number, d.listed
from accounts.account_directory d
where d.number = any(:numbers::text[]) and d.currency = 'CNY';

-- name: accounts_of_firm
-- All accounts with their money in one snapshot.
select d.id, d.number, d.name, d.account_class, d.currency, d.state, d.state_reason, d.opened_on,
       d.closed_on, d.version, d.parent_id, d.label, a.balance_fen, a.held_fen, a.frozen_fen,
       greatest(a.balance_fen - a.held_fen - a.frozen_fen, 0) as available_fen
from accounts.deposits d
join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where d.business_id = :business_id
order by d.opened_on, d.id limit 200;

-- name: account
-- One account with its money in one snapshot.
select d.id, d.number, d.name, d.account_class, d.currency, d.state, d.state_reason, d.opened_on,
       d.closed_on, d.version, d.parent_id, d.label, a.balance_fen, a.held_fen, a.frozen_fen,
       greatest(a.balance_fen - a.held_fen - a.frozen_fen, 0) as available_fen
from accounts.deposits d
join ledger.accounts a on a.business_id = d.business_id and a.id = d.id
where d.business_id = :business_id and d.id = :id;

-- name: deposit
-- The account's own row, without its money.
select id, number, name, account_class, currency, state, restriction, ordered, state_reason,
       state_set_by, state_until, opened_on, closed_on, parent_id, bears_interest, version
from accounts.deposits where business_id = :business_id and id = :id;

-- name: firm_of_account
-- The firm of an account for the bank's staff, who work across firms.
select business_id from accounts.deposits where id = :id;

-- name: lock_deposit
-- One change of state at a time.
select id, number, name, account_class, currency, state, restriction, ordered, state_reason,
       state_set_by, state_until, opened_on, closed_on, parent_id, bears_interest, version
from accounts.deposits where business_id = :business_id and id = :id for no key update;

-- name: save_state
-- The state decided by the rules, with who ordered it and for how long.
update accounts.deposits
set state = :state, restriction = :restriction, ordered = :ordered,
    state_reason = :state_reason, state_set_by = :state_set_by, state_until = :state_until,
    closed_on = :closed_on, version = :version
where business_id = :business_id and id = :id;

-- name: away
-- Money sent and undecided, wages not yet settled and swept, which left the basic account, and
-- escrow, which left a main one: it may come back.
select (coalesce((select sum(p.amount_fen) from accounts.payments p
                  where p.business_id = :business_id and p.account_id = :id
                    and p.state in ('processing', 'unknown')), 0)
        + coalesce((select sum(a.balance_fen) from ledger.accounts a
                    join accounts.deposits d
                      on d.business_id = a.business_id and d.account_class = 'basic'
                    where a.business_id = :business_id and d.id = :id
                      and a.kind = 'wages_in_transit'), 0)
        + coalesce((select sum(a.balance_fen) from ledger.accounts a
                    join accounts.deposits d
                      on d.business_id = a.business_id and d.account_class <> 'sub'
                    where a.business_id = :business_id and d.id = :id
                      and a.kind = 'escrow'), 0))::bigint;

-- name: others_open
-- Its sub-accounts are closed before an account, and all others before the basic one.
select count(*) from accounts.deposits d
where d.business_id = :business_id and d.id <> :id and d.state <> 'closed'
  and (d.parent_id = :id
       or exists (select from accounts.deposits b
                  where b.business_id = :business_id and b.id = :id and b.account_class = 'basic'));

-- name: owed
-- What the firm owes the bank: the principal on the bank's side of it, which is a debit there.
select coalesce(-sum(a.balance_fen), 0)::bigint from ledger.accounts a
where a.business_id = :business_id and a.owner = 'bank' and a.kind = 'loan_principal';

-- name: bear_interest
-- Settled for the last time, or not after all.
update accounts.deposits set bears_interest = :bears
where business_id = :business_id and id = :id;

-- name: sub_accounts
-- How many sub-accounts an account has had: suffixes are never given twice.
select count(*) from accounts.deposits where business_id = :business_id and parent_id = :id;

-- name: add_move
-- What was moved and by whom; its posting carries the same id.
insert into accounts.moves
  (business_id, id, from_account_id, to_account_id, amount_fen, currency, memo, made_by, made_at)
values (:business_id, :id, :from_account_id, :to_account_id, :amount_fen, :currency, :memo,
        :person_id, :now)
returning id, from_account_id, to_account_id, amount_fen, currency, memo, made_at;

-- name: is_quiet
-- Nothing but the bank's own bookings since the notice.
select not exists (
  select from ledger.postings p
  join ledger.entries e
    on e.business_id = p.business_id and e.booked_on = p.booked_on and e.id = p.entry_id
  where p.business_id = :business_id and p.account_id = d.id
    and p.booked_on >= d.quiet_told_on and e.kind not in ('interest', 'fee_monthly'))
from accounts.deposits d
where d.business_id = :business_id and d.id = :id and d.quiet_told_on is not null;

-- name: ring_for_quiet
-- Over all firms: accounts to tell, and accounts whose notice is over.
select business_id, account_id
from accounts.ring_for_quiet(:now, :months, :notice_days, :after_business, :after, :most);
