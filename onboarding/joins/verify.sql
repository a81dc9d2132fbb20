-- name: joined_unsigned
-- Whoever joined did so by the signature of the legal representative.
select j.business_id, j.id from onboarding.joins j
where j.state = 'joined' and not exists (select from onboarding.signatures s
  where s.business_id = j.business_id and s.subject_id = j.id and s.state = 'signed');

-- name: joined_under_another_code
-- The bank knows a firm that joined by the code it joined with.
select j.business_id, j.id, j.uscc from onboarding.joins j
left join identity.business_directory d on d.business_id = j.business_id
where j.state = 'joined' and d.uscc is distinct from j.uscc;
