-- name: keep_answer
-- What one source said about one round; a repeat of the job keeps the first.
insert into onboarding.check_answers
  (business_id, application_id, round, source, private, answered_at)
values (:business_id, :application_id, :round, :source, :private, :now)
on conflict (business_id, application_id, round, source) do nothing;

-- name: answers
-- What has been answered about a round so far.
select source, private, answered_at from onboarding.check_answers
where business_id = :business_id and application_id = :application_id and round = :round;

-- name: keep_check
-- The evidence of one check of one round; a repeat of the job keeps the first.
insert into onboarding.checks (business_id, application_id, round, kind, result, codes, evidence,
  private, checked_at)
values (:business_id, :application_id, :round, :kind, :result, :codes, :evidence, :private, :now)
on conflict (business_id, application_id, round, kind) do nothing;

-- name: checks
-- All evidence about an application, the last round first.
select round, kind, result, codes, evidence, checked_at
from onboarding.checks
where business_id = :business_id and application_id = :application_id
order by round desc, array_position(array['registry', 'licence', 'resident_id', 'face',
  'watch_list', 'owners', 'basic_account', 'reuse'], kind);

-- name: sealed_fields
-- The compared fields of the last round, for whoever reviews it.
select kind, private from onboarding.checks
where business_id = :business_id and application_id = :application_id and private is not null
  and round = (select max(round) from onboarding.checks
    where business_id = :business_id and application_id = :application_id)
order by kind;

-- name: mark_opening
-- Blind marks by which a later opening is found to share something with this one.
insert into onboarding.opening_marks (kind, mark, business_id, application_id, marked_at)
select kind, mark, :business_id, :application_id, :now
from unnest(:kinds::text[], :marks::bytea[]) as m (kind, mark)
on conflict do nothing;

-- name: shared_marks
-- In how many other firms' openings each mark of this one appears: in all, lately, and refused.
select kind, firms, lately, refused
from onboarding.shared_marks(:kinds::text[], :marks::bytea[], :own::uuid, :since)
order by kind;

-- name: set_risk
-- What the checks came to, and the route that follows.
update onboarding.applications
set risk_score = :risk_score, reason_codes = :reason_codes, route = :route,
    risk_version = :risk_version
where business_id = :business_id and id = :id;

-- name: has_basic_account
-- The bank's own knowledge of the one basic account.
select exists (select from onboarding.basic_accounts where uscc = :uscc);
