-- name: left_out_when_the_account_opened
-- Everything that was asked for is opened with the account, all of it in one transaction.
select p.business_id, p.id, p.kind
from onboarding.products p
where p.state = 'asked' and exists (
  select from onboarding.products q
  where q.business_id = p.business_id and q.application_id = p.application_id
    and q.state in ('preparing', 'issued'));

-- name: handed_over_without_an_account
-- Nobody takes home what belongs to an account that is not open.
select p.business_id, p.id, p.kind
from onboarding.products p
join onboarding.applications a on a.business_id = p.business_id and a.id = p.application_id
where p.state in ('preparing', 'issued') and a.state <> 'active';
