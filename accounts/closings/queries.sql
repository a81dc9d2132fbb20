-- name: add
-- One open request per account; a second one touches no row.
insert into accounts.closings
  (business_id, id, account_id, rest_to_account_id, reason, asked_by, asked_at)
values (:business_id, :id, :account_id, :rest_to_account_id, :reason, :person_id, :now)
on conflict (business_id, account_id) where state in ('requested', 'settled') do nothing;

-- name: request
-- One request of the firm.
select id, account_id, rest_to_account_id, reason, state, answer, asked_at, done_at, version
from accounts.closings where business_id = :business_id and id = :id;

-- name: lock
-- One decision about a request at a time.
select id, account_id, rest_to_account_id, reason, state, answer, asked_at, done_at, version
from accounts.closings where business_id = :business_id and id = :id for no key update;

-- name: of_firm
-- All requests of a firm, newest first.
select id, account_id, rest_to_account_id, reason, state, answer, asked_at, done_at, version
from accounts.closings where business_id = :business_id order by asked_at desc, id desc limit 200;

-- name: settle
-- The last interest is on the account.
update accounts.closings set state = 'settled', version = version + 1
where business_id = :business_id and id = :id;

-- name: finish
-- Withdrawn by the owner, refused or closed by the bank.
update accounts.closings
set state = :state, answer = :answer, done_at = :now, done_by = :staff_id, version = version + 1
where business_id = :business_id and id = :id;

-- name: firm_of_closing
-- The firm of a request for the bank's staff, who work across firms.
select business_id from accounts.closings where id = :id;

-- name: queue
-- The desk's queue over all firms, oldest first; one row more than the page.
select id, account_id, rest_to_account_id, reason, state, answer, asked_at, done_at, version
from accounts.closings
where state in ('requested', 'settled')
  and (:after_at::timestamptz is null or (asked_at, id) > (:after_at, :after_id::uuid))
order by asked_at, id limit :most::int + 1;
