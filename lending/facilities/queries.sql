-- name: keep_consents
-- What was agreed to, one row per text.
insert into lending.consents (business_id, id, kind, text_version, person_id, given_at)
select :business_id, c.id, c.kind, c.version, :person_id, :now
from unnest(:ids::uuid[], :kinds::text[], :versions::text[]) as c (id, kind, version);

-- name: open_application
-- Whether one is being decided already.
select id from lending.applications
where business_id = :business_id and product_code = :product_code and state = 'asking_bureau';

-- name: keep_application
-- A new application waits for the bureau.
insert into lending.applications (business_id, id, product_code, asked_fen, state,
  bureau_consent_id, submitted_at)
values (:business_id, :id, :product_code, :asked_fen, 'asking_bureau', :bureau_consent_id, :now)
on conflict do nothing;

-- name: application
-- One application of the firm.
select id, product_code, asked_fen, state, bureau_consent_id, decision_id, submitted_at, decided_at
from lending.applications where business_id = :business_id and id = :id;

-- name: lock_application
-- The application while it is decided: two answers of the bureau decide once.
select id, product_code, asked_fen, state, bureau_consent_id, decision_id, submitted_at, decided_at
from lending.applications where business_id = :business_id and id = :id for no key update;

-- name: settle_application
-- The outcome of an application.
update lending.applications set state = :state, decision_id = :decision_id, decided_at = :now
where business_id = :business_id and id = :id;

-- name: facilities
-- The firm's limits.
select id, product_code, decision_id, limit_fen, used_fen, state, granted_on, ends_on, version
from lending.facilities where business_id = :business_id order by product_code;

-- name: facility
-- One limit of the firm.
select id, product_code, decision_id, limit_fen, used_fen, state, granted_on, ends_on, version
from lending.facilities where business_id = :business_id and id = :id;

-- name: facility_for
-- The firm's limit for one product, kept still while it is decided anew.
select id, product_code, decision_id, limit_fen, used_fen, state, granted_on, ends_on, version
from lending.facilities where business_id = :business_id and product_code = :product_code
for no key update;

-- name: grant_limit
-- One limit per product: granted, or decided anew while what is used stays. An active limit is
-- not turned back into an offer.
insert into lending.facilities (business_id, id, product_code, decision_id, limit_fen, state,
  granted_on, ends_on)
values (:business_id, :id, :product_code, :decision_id, :limit_fen, :state, :today, :ends_on)
on conflict on constraint one_facility_per_product do update
set decision_id = excluded.decision_id, limit_fen = excluded.limit_fen, state = excluded.state,
    granted_on = excluded.granted_on, ends_on = excluded.ends_on,
    version = facilities.version + 1
where excluded.state <> 'offered' or facilities.state <> 'active' or facilities.ends_on <= :today
returning id;

-- name: use_limit
-- Takes from the limit only what is left of it.
update lending.facilities set used_fen = used_fen + :amount_fen, version = version + 1
where business_id = :business_id and id = :id and state = 'active' and ends_on > :today
  and used_fen + :amount_fen <= limit_fen;

-- name: give_back_limit
-- Repaid principal revolves.
update lending.facilities set used_fen = used_fen - :amount_fen, version = version + 1
where business_id = :business_id and id = :id;

-- name: subject
-- How the bureau knows the firm.
select uscc, name from identity.business_directory
where business_id = :business_id and uscc is not null;

-- name: firms_to_offer
-- Over all firms, as nightly: active firms without a limit, not decided about this month.
select business_id from lending.firms_to_offer(:on, :product_code, :after, :row_limit);
