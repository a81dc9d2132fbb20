-- name: save
-- One version of the form, for good.
insert into onboarding.registration_versions
  (business_id, id, registration_id, version, private, saved_by, saved_at)
values (:business_id, :id, :registration_id, :version, :private, :person_id, :now);

-- name: saved
-- One version of the form.
select id, version, private, saved_by, saved_at from onboarding.registration_versions
where business_id = :business_id and registration_id = :registration_id and version = :version;
