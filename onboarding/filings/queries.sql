-- name: ask
-- A message to be sent, once per attempt; its id is the reference outside.
insert into onboarding.filings
  (business_id, id, application_id, bill, attempt, due_at, asked_at, asked_by)
values (:business_id, :id, :application_id, :bill, :attempt, :due_at, :now, :principal)
on conflict do nothing;

-- name: next_attempt
-- The number of the next message of this kind about an account.
select coalesce(max(attempt), 0)::int + 1 from onboarding.filings
where business_id = :business_id and application_id = :application_id and bill = :bill;

-- name: under_way
-- The message of this kind that is not settled.
select id from onboarding.filings
where business_id = :business_id and application_id = :application_id and bill = :bill
  and state in ('waiting', 'refused');

-- name: filing
-- One message as stored.
select business_id, id, application_id, bill, attempt, state, code, reason, due_at, asked_at,
  answered_at, asked_by
from onboarding.filings where business_id = :business_id and id = :id;

-- name: lock_filing
-- One message, kept from others until this work ends.
select business_id, id, application_id, bill, attempt, state, code, reason, due_at, asked_at,
  answered_at, asked_by
from onboarding.filings where business_id = :business_id and id = :id for no key update;

-- name: settle
-- The system's final answer; the first one stands.
update onboarding.filings
set state = :state, code = :code, reason = :reason, answered_at = :now
where business_id = :business_id and id = :id and state = 'waiting';

-- name: mend
-- Somebody has seen the refusal and asks again.
update onboarding.filings set state = 'mended'
where business_id = :business_id and id = :id and state = 'refused';

-- name: set_number
-- The account management system's number of the account.
update onboarding.applications set filing_number = :filing_number, filing_refused_code = null
where business_id = :business_id and id = :id and filing_number is null;

-- name: refuse
-- The account management system does not take the account: people must look.
update onboarding.applications set filing_refused_code = :code
where business_id = :business_id and id = :id and filing_number is null;

-- name: asked_again
-- It is on its way once more.
update onboarding.applications set filing_refused_code = null
where business_id = :business_id and id = :id;

-- name: of_account
-- The application that an account came from.
select id from onboarding.applications
where business_id = :business_id and account_id = :account_id and state = 'active';

-- name: open_filings
-- What is open over all firms, the earliest term first; a page goes on after a key.
select f.id, f.business_id, f.application_id, a.account_name, a.number, f.bill, f.attempt, f.state,
  f.code, f.reason, f.due_at, f.due_at < :now as overdue, f.asked_at
from onboarding.filings f
join onboarding.applications a on a.business_id = f.business_id and a.id = f.application_id
where f.state = :state
  and (:after_due::timestamptz is null or (f.due_at, f.id) > (:after_due, :after_id::uuid))
order by f.due_at, f.id limit :most;

-- name: shown
-- One filing as the desk sees it.
select f.id, f.business_id, f.application_id, a.account_name, a.number, f.bill, f.attempt, f.state,
  f.code, f.reason, f.due_at, f.due_at < :now as overdue, f.asked_at
from onboarding.filings f
join onboarding.applications a on a.business_id = f.business_id and a.id = f.application_id
where f.business_id = :business_id and f.id = :id;
