-- name: keep
-- Everybody behind the firm at this version of its form, in one statement.
insert into onboarding.beneficial_owners
  (business_id, id, subject_id, version, no, relation, share_ppm, private, kept_at)
select :business_id, o.id, :subject_id, :version, o.no, o.relation, o.share_ppm, o.private, :now
from unnest(:ids::uuid[], :relations::text[], :shares::int[], :privates::bytea[])
  with ordinality as o (id, relation, share_ppm, private, no)
on conflict on constraint an_owner_is_kept_once_per_version do nothing;

-- name: kept
-- The owners of a firm as last kept, the largest first.
select id, private from onboarding.beneficial_owners o
where o.business_id = :business_id and o.subject_id = :subject_id and o.version = (
  select max(version) from onboarding.beneficial_owners l
  where l.business_id = o.business_id and l.subject_id = o.subject_id)
order by no;
