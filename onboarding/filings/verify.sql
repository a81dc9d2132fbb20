-- name: filing_refused
-- An open account that the account management system does not know is for people to solve.
select a.business_id, a.id, a.filing_refused_code
from onboarding.applications a where a.state = 'active' and a.filing_refused_code is not null;

-- name: filed_without_answer
-- An account has its number outside exactly when its opening was taken there.
select a.business_id, a.id, a.filing_number, f.state
from onboarding.applications a
left join onboarding.filings f on f.business_id = a.business_id and f.application_id = a.id
  and f.bill = 'OPEN' and f.state = 'done'
where a.state = 'active' and (a.filing_number is not null) <> (f.id is not null);
