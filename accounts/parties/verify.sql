-- name: trusted_by_somebody_of_no_firm
-- A trusted payee was trusted by a member of the same firm.
select p.business_id, p.id
from accounts.parties p
where p.trusted and not exists (
  select from identity.memberships m
  where m.business_id = p.business_id and m.person_id = p.trusted_by);
