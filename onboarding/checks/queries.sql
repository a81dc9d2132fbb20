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
