-- name: keep_check
-- The evidence of one check of one round; a repeat of the job keeps the first.
insert into onboarding.checks
  (business_id, application_id, round, kind, result, codes, evidence, checked_at)
values (:business_id, :application_id, :round, :kind, :result, :codes, :evidence, :now)
on conflict (business_id, application_id, round, kind) do nothing;

-- name: checks
-- All evidence about an application, the last round first.
select round, kind, result, codes, evidence, checked_at
from onboarding.checks
where business_id = :business_id and application_id = :application_id
order by round desc, array_position(array['registry', 'licence', 'resident_id', 'face',
  'watch_list', 'basic_account', 'reuse'], kind);

-- name: mark_opening
-- Blind marks by which a later opening is found to share address, phone or representative.
insert into onboarding.opening_marks (kind, mark, business_id, marked_at)
select kind, mark, :business_id, :now
from unnest(:kinds::text[], :marks::bytea[]) as m (kind, mark)
on conflict do nothing;

-- name: shared_marks
-- In how many other firms' openings each mark of this one appears.
select kind, count(*)::int as firms
from onboarding.opening_marks
where (kind, mark) in (select * from unnest(:kinds::text[], :marks::bytea[]))
  and business_id <> :own::uuid
group by kind order by kind;

-- name: set_risk
-- What the checks came to, and the route that follows.
update onboarding.applications
set risk_score = :risk_score, reason_codes = :reason_codes, route = :route
where business_id = :business_id and id = :id;

-- name: has_basic_account
-- The bank's own knowledge of the one basic account.
select exists (select from onboarding.basic_accounts where uscc = :uscc);
