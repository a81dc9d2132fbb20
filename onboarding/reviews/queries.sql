-- name: add_review
-- One review per round; a repeat of the job finds it there.
insert into onboarding.reviews (business_id, id, application_id, version, round, branch, uscc,
  levels, risk_score, reason_codes, account_name, account_class, people_marks, due_at, opened_at)
values (:business_id, :id, :application_id, :version, :round, :branch, :uscc, :levels,
  :risk_score, :reason_codes, :account_name, :account_class, :people_marks, :due_at, :now)
on conflict (business_id, application_id, round) do nothing;

-- name: branch_by_risk
-- What is open in a branch, the riskiest (least calm) first, then the oldest.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.branch = :branch and r.state = 'open'
  and (r.calm, r.opened_at, r.id) > (:calm::int, :opened_at::timestamptz, :id::uuid)
  and r.risk_score >= :risk_from and (:account_class = '' or r.account_class = :account_class)
  and case :view
    when 'free' then r.waiting_since is null
      and (r.claimed_by is null or r.lease_until <= :now or r.claimed_by = :staff_id)
      and (r.assigned_to is null or r.assigned_to = :staff_id or r.escalated_at is not null)
    when 'late' then r.waiting_since is null and r.due_at <= :now
    when 'waiting' then r.waiting_since is not null
    else true end
order by r.calm, r.opened_at, r.id limit :most;

-- name: branch_by_term
-- What is open in a branch, what is due first.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.branch = :branch and r.state = 'open'
  and (r.due_at, r.id) > (:due_at::timestamptz, :id::uuid)
  and r.risk_score >= :risk_from and (:account_class = '' or r.account_class = :account_class)
  and case :view
    when 'free' then r.waiting_since is null
      and (r.claimed_by is null or r.lease_until <= :now or r.claimed_by = :staff_id)
      and (r.assigned_to is null or r.assigned_to = :staff_id or r.escalated_at is not null)
    when 'late' then r.waiting_since is null and r.due_at <= :now
    when 'waiting' then r.waiting_since is not null
    else true end
order by r.due_at, r.id limit :most;

-- name: bank_by_risk
-- What is open in the whole bank, the riskiest (least calm) first, then the oldest.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.state = 'open'
  and (r.calm, r.opened_at, r.id) > (:calm::int, :opened_at::timestamptz, :id::uuid)
  and r.risk_score >= :risk_from and (:account_class = '' or r.account_class = :account_class)
  and case :view
    when 'free' then r.waiting_since is null
      and (r.claimed_by is null or r.lease_until <= :now or r.claimed_by = :staff_id)
      and (r.assigned_to is null or r.assigned_to = :staff_id or r.escalated_at is not null)
    when 'late' then r.waiting_since is null and r.due_at <= :now
    when 'waiting' then r.waiting_since is not null
    else true end
order by r.calm, r.opened_at, r.id limit :most;

-- name: bank_by_term
-- What is open in the whole bank, what is due first.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.state = 'open'
  and (r.due_at, r.id) > (:due_at::timestamptz, :id::uuid)
  and r.risk_score >= :risk_from and (:account_class = '' or r.account_class = :account_class)
  and case :view
    when 'free' then r.waiting_since is null
      and (r.claimed_by is null or r.lease_until <= :now or r.claimed_by = :staff_id)
      and (r.assigned_to is null or r.assigned_to = :staff_id or r.escalated_at is not null)
    when 'late' then r.waiting_since is null and r.due_at <= :now
    when 'waiting' then r.waiting_since is not null
    else true end
order by r.due_at, r.id limit :most;

-- name: mine
-- What lies with one reviewer: claimed or assigned; a person's pile, not the bank's.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.state = 'open' and (r.assigned_to = :staff_id
  or (r.claimed_by = :staff_id and r.lease_until > :now))
order by r.calm, r.opened_at, r.id limit 200;

-- name: of_code
-- What is open of a firm with this credit code.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at,
  (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r
where r.state = 'open' and r.uscc = :uscc
order by r.calm, r.opened_at, r.id limit 200;

-- name: review
-- One review.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at
from onboarding.reviews where business_id = :business_id and id = :id;

-- name: lock_review
-- One review, kept from other reviewers until this decision is in.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at
from onboarding.reviews where business_id = :business_id and id = :id for no key update;

-- name: open_review_of
-- The open review of an application that has ended.
select business_id, id, application_id, version, round, branch, uscc, levels, approved_by,
  risk_score, calm, reason_codes, account_name, account_class, state, claimed_by, lease_until,
  assigned_to, waiting_since, minutes_left, escalated_at, due_at, opened_at, decided_at
from onboarding.reviews
where business_id = :business_id and application_id = :application_id and state = 'open'
for no key update;

-- name: barred
-- Whether a firm is this member of staff's own or a relative's.
select (exists (select from onboarding.staff_interests i
           where i.staff_id = :staff_id and i.uscc = r.uscc)
   or exists (select from onboarding.staff_relatives v
              where v.staff_id = :staff_id and v.mark = any(r.people_marks))) as barred
from onboarding.reviews r where r.business_id = :business_id and r.id = :id;

-- name: claims_of
-- How many live claims one reviewer holds.
select count(*)::int from onboarding.reviews
where state = 'open' and claimed_by = :staff_id and lease_until > :now;

-- name: set_claim
-- Taken, or let go of.
update onboarding.reviews set claimed_by = :claimed_by, lease_until = :lease_until
where business_id = :business_id and id = :id;

-- name: add_approval
-- One of two has approved: the next reviewer may claim it.
update onboarding.reviews
set approved_by = approved_by || :staff_id::uuid, claimed_by = null, lease_until = null,
  assigned_to = null, assigned_by = null
where business_id = :business_id and id = :id;

-- name: close_review
-- The review has its outcome.
update onboarding.reviews
set state = :state, decided_at = :now, claimed_by = null, lease_until = null,
  assigned_to = null, assigned_by = null, waiting_since = null, minutes_left = null
where business_id = :business_id and id = :id;

-- name: stop_clock
-- It waits for the applicant: nobody holds it, and its minutes stand still.
update onboarding.reviews
set waiting_since = :now, minutes_left = :minutes_left, claimed_by = null, lease_until = null,
  approved_by = '{}'
where business_id = :business_id and id = :id;

-- name: start_clock
-- It is the reviewers' turn again, about what is now before them.
update onboarding.reviews
set waiting_since = null, minutes_left = null, due_at = :due_at, version = :version
where business_id = :business_id and id = :id;

-- name: said
-- What was said of this review so far, and by whom.
select s.username, d.approve, d.reason, a.version, d.decided_at
from core.approvals a
join core.approval_decisions d on d.business_id = a.business_id and d.approval_id = a.id
left join identity.staff s on 'staff:' || s.id::text = d.principal
where a.business_id = :business_id and a.kind = 'application' and a.object_id = :id
order by d.decided_at limit 50;
