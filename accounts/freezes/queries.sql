-- name: open_freezes
-- The orders that are not ended, in their places; read under the account's lock.
select id, account_id, place, authority, order_number, amount_fen, taken_fen, state, renewals,
       placed_at, in_force_at, ends_at, ended_at, version
from accounts.freezes
where business_id = :business_id and account_id = :account_id and state in ('queued', 'active')
order by place for no key update;

-- name: freezes
-- All orders there ever were on an account.
select id, account_id, place, authority, order_number, amount_fen, taken_fen, state, renewals,
       placed_at, in_force_at, ends_at, ended_at, version
from accounts.freezes
where business_id = :business_id and account_id = :account_id
order by place limit 200;

-- name: freeze
-- One order as it stands.
select id, account_id, place, authority, order_number, amount_fen, taken_fen, state, renewals,
       placed_at, in_force_at, ends_at, ended_at, version
from accounts.freezes where business_id = :business_id and id = :id;

-- name: firm_of_freeze
-- The firm of a freeze for the bank's staff, who work across firms.
select business_id, account_id from accounts.freezes where id = :id;

-- name: last_place
-- Places are given in the order of arrival and never again.
select coalesce(max(place), 0) from accounts.freezes
where business_id = :business_id and account_id = :account_id;

-- name: add
-- A new order at the end of the queue; the queue is arranged in the same transaction.
insert into accounts.freezes
  (business_id, id, account_id, place, authority, order_number, amount_fen, state, placed_at,
   ends_at)
values (:business_id, :id, :account_id, :place, :authority, :order_number, :amount_fen, 'queued',
        :now, :ends_at);

-- name: save
-- An order as decided, one version on.
update accounts.freezes
set state = :state, taken_fen = :taken_fen, renewals = :renewals, in_force_at = :in_force_at,
    ends_at = :ends_at, ended_at = :ended_at, version = version + 1
where business_id = :business_id and id = :id;

-- name: add_step
-- What was done, for ever.
insert into accounts.freeze_steps
  (business_id, freeze_id, no, step, order_number, amount_fen, ends_at, by_staff, at)
select :business_id, :freeze_id, coalesce(max(s.no), 0) + 1, :step, :order_number, :amount_fen,
       :ends_at, :staff_id, :now
from accounts.freeze_steps s where s.business_id = :business_id and s.freeze_id = :freeze_id;

-- name: steps
-- The history of one order.
select no, step, order_number, amount_fen, ends_at, at
from accounts.freeze_steps
where business_id = :business_id and freeze_id = :freeze_id order by no;

-- name: ring_for_terms
-- Over all firms: accounts on which a term is over, rung for once.
select accounts.ring_for_terms(:now, :most);
