-- name: add_review
-- One review per round; a repeat of the job finds it there.
insert into onboarding.reviews (business_id, id, application_id, version, round, branch, uscc,
  levels, risk_score, reason_codes, account_name, due_at, opened_at)
values (:business_id, :id, :application_id, :version, :round, :branch, :uscc, :levels,
  :risk_score, :reason_codes, :account_name, :due_at, :now)
on conflict (business_id, application_id, round) do nothing;

-- name: queue
-- What is open, the riskiest (least calm) first, then the oldest; a page goes on after a key.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, state, claimed_by, lease_until, due_at, opened_at,
  decided_at
from onboarding.reviews
where state = 'open' and (calm, opened_at, id) > (:calm::int, :opened_at::timestamptz, :id::uuid)
order by calm, opened_at, id limit :most;

-- name: review
-- One review.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, state, claimed_by, lease_until, due_at, opened_at,
  decided_at
from onboarding.reviews where business_id = :business_id and id = :id;

-- name: lock_review
-- One review, kept from other reviewers until this decision is in.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, state, claimed_by, lease_until, due_at, opened_at,
  decided_at
from onboarding.reviews where business_id = :business_id and id = :id for no key update;

-- name: open_review_of
-- The open review of an application that has ended.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, state, claimed_by, lease_until, due_at, opened_at,
  decided_at
from onboarding.reviews
where business_id = :business_id and application_id = :application_id and state = 'open'
for no key update;

-- name: set_claim
-- Taken, or let go of.
update onboarding.reviews set claimed_by = :claimed_by, lease_until = :lease_until
where business_id = :business_id and id = :id;

-- name: add_approval
-- One of two has approved: the next reviewer may claim it.
update onboarding.reviews
set approved_by = approved_by || :staff_id::uuid, claimed_by = null, lease_until = null
where business_id = :business_id and id = :id;

-- name: close_review
-- The review has its outcome.
update onboarding.reviews
set state = :state, decided_at = :now, claimed_by = null, lease_until = null
where business_id = :business_id and id = :id;

-- name: declare_interest
-- A member of staff says that a firm is too near.
insert into onboarding.staff_interests (staff_id, uscc, reason, declared_at)
values (:staff_id, :uscc, :reason, :now)
on conflict (staff_id, uscc) do nothing;

-- name: interest
-- The interest as first declared.
select staff_id, uscc, declared_at from onboarding.staff_interests
where staff_id = :staff_id and uscc = :uscc;
