-- name: add_join
-- Somebody wants to act for a firm that exists.
insert into onboarding.joins (business_id, id, uscc, private, asked_by, asked_at)
values (:business_id, :id, :uscc, :private, :person_id, :now);

-- name: join
-- One request.
select id, uscc, state, private, refused_code, asked_at, ended_at
from onboarding.joins where business_id = :business_id and id = :id;

-- name: lock_join
-- One request, kept from others until this work ends.
select id, uscc, state, private, refused_code, asked_at, ended_at
from onboarding.joins where business_id = :business_id and id = :id for no key update;

-- name: joins
-- The firm's requests, newest first: a firm has few.
select id, uscc, state, private, refused_code, asked_at, ended_at
from onboarding.joins where business_id = :business_id order by id desc limit 50;

-- name: prove
-- The register fits: the legal representative is asked.
update onboarding.joins set state = 'proving', private = :private
where business_id = :business_id and id = :id;

-- name: finish
-- It is decided.
update onboarding.joins set state = :state, refused_code = :refused_code, ended_at = :now
where business_id = :business_id and id = :id;
