-- name: add
-- What waits and why, in the transaction that booked it.
insert into accounts.suspense_items
  (business_id, id, source, source_key, account_id, amount_fen, reason, came_at)
values (:business_id, :id, :source, :source_key, :account_id, :amount_fen, :reason, :now);

-- name: item
-- One item under its lock: it is worked off once.
select id, business_id, source, source_key, account_id, amount_fen, reason, state, came_at,
       to_account_id, done_at, version
from accounts.suspense_items where business_id = :business_id and id = :id for no key update;

-- name: assign
-- Worked off.
update accounts.suspense_items
set state = 'assigned', to_account_id = :to_account_id, done_at = :now, done_by = :staff_id,
    version = version + 1
where business_id = :business_id and id = :id;

-- name: hand_over
-- The authority has it.
update accounts.suspense_items set state = 'handed_over', done_at = :now, version = version + 1
where business_id = :business_id and id = :id and source = 'deduction' and state = 'open';

-- name: firm_of_item
-- The firm of an item for the bank's staff, who work across firms.
select business_id from accounts.suspense_items where id = :id;

-- name: items_of_firm
-- What waits for a firm, and what did.
select id, business_id, source, source_key, account_id, amount_fen, reason, state, came_at,
       to_account_id, done_at, version
from accounts.suspense_items where business_id = :business_id
order by came_at desc, id desc limit 200;

-- name: open_items
-- The desk's queue over all firms, oldest first; one row more than the page.
select id, business_id, source, source_key, account_id, amount_fen, reason, state, came_at,
       to_account_id, done_at, version
from accounts.suspense_items
where state = 'open'
  and (:after_at::timestamptz is null or (came_at, id) > (:after_at, :after_id::uuid))
order by came_at, id limit :most::int + 1;
