-- name: filing_refused
-- An open account that the account management system does not know is for people to solve.
select a.business_id, a.id, a.filing_refused_code
from onboarding.applications a where a.state = 'active' and a.filing_refused_code is not null;
