-- name: ask
-- One upgrade at a time, and none once it was approved.
insert into onboarding.upgrades (business_id, id, application_id, address_proof, purpose,
  expected_monthly_fen, branch, account_name, uscc, asked_at, due_at)
values (:business_id, :id, :application_id, :address_proof, :purpose, :expected_monthly_fen,
  :branch, :account_name, :uscc, :now, :due_at)
on conflict do nothing;

-- name: upgrade
-- One upgrade.
select business_id, id, application_id, state, address_proof, purpose, expected_monthly_fen,
  branch, account_name, uscc, asked_at, due_at, decided_at, codes
from onboarding.upgrades where business_id = :business_id and id = :id;

-- name: of_application
-- All upgrades ever asked for an account, newest first.
select business_id, id, application_id, state, address_proof, purpose, expected_monthly_fen,
  branch, account_name, uscc, asked_at, due_at, decided_at, codes
from onboarding.upgrades
where business_id = :business_id and application_id = :application_id order by id desc limit 50;

-- name: open_upgrades
-- What is asked over all firms, the earliest term first; a page goes on after a key.
select business_id, id, application_id, state, address_proof, purpose, expected_monthly_fen,
  branch, account_name, uscc, asked_at, due_at, decided_at, codes
from onboarding.upgrades
where state = 'asked'
  and (:after_due::timestamptz is null or (due_at, id) > (:after_due, :after_id::uuid))
order by due_at, id limit :most;

-- name: decide
-- One decision; under a race the row decides.
update onboarding.upgrades
set state = :state, codes = :codes, decided_at = :now, decided_by = :staff_id
where business_id = :business_id and id = :id and state = 'asked';

-- name: file_exists
-- Only a file of the firm's own proves its address.
select exists (select from files.files where business_id = :business_id and id = :file_id);

-- name: interested
-- Whether this member of staff is too near to the firm.
select exists (
  select from onboarding.staff_interests where staff_id = :staff_id and uscc = :uscc
);
