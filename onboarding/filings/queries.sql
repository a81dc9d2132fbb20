-- name: set_number
-- The account management system's number of the basic account.
update onboarding.applications set filing_number = :filing_number
where business_id = :business_id and id = :id and filing_number is null;

-- name: refuse
-- The account management system does not take the account: people must look.
update onboarding.applications set filing_refused_code = :code
where business_id = :business_id and id = :id and filing_number is null
  and filing_refused_code is null;
