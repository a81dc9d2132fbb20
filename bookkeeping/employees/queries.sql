-- name: hire
-- One row a person and firm; a second entry of the same identity number touches nothing.
insert into bookkeeping.employees
  (business_id, id, who_sealed, resident_index, phone_index, bank_code, base_wage_fen,
   social_base_fen, additional_fen, housing_fund_ppm, region, joined_on, first_job, created_at)
values
  (:business_id, :id, :who_sealed, :resident_index, :phone_index, :bank_code, :base_wage_fen,
   :social_base_fen, :additional_fen, :housing_fund_ppm, :region, :joined_on, :first_job, :now)
on conflict (business_id, resident_index) where state = 'active' do nothing;

-- name: employee
-- One employee of the firm.
select id, who_sealed, bank_code, base_wage_fen, social_base_fen, additional_fen,
       housing_fund_ppm, region, joined_on, left_on, first_job, state, version
from bookkeeping.employees where business_id = :business_id and id = :id;

-- name: employees_page
-- The firm's people in the order of hiring, one row more than the page.
select id, who_sealed, bank_code, base_wage_fen, social_base_fen, additional_fen,
       housing_fund_ppm, region, joined_on, left_on, first_job, state, version
from bookkeeping.employees
where business_id = :business_id and (:after_id::uuid is null or id > :after_id)
order by id limit :limit::int;

-- name: change
-- New terms; only the version that was seen changes.
update bookkeeping.employees
set who_sealed = :who_sealed, phone_index = :phone_index,
    bank_code = coalesce(:bank_code, bank_code),
    base_wage_fen = coalesce(:base_wage_fen, base_wage_fen),
    social_base_fen = coalesce(:social_base_fen, social_base_fen),
    additional_fen = coalesce(:additional_fen, additional_fen),
    housing_fund_ppm = coalesce(:housing_fund_ppm, housing_fund_ppm),
    version = version + 1
where business_id = :business_id and id = :id and version = :version and state = 'active';

-- name: leave
-- The row stays: wages already paid refer to it.
update bookkeeping.employees
set state = 'left', left_on = :left_on, version = version + 1
where business_id = :business_id and id = :id and version = :version and state = 'active';

-- name: employed_between
-- Everybody employed on some day of a span, in the order of hiring.
select id, who_sealed, bank_code, base_wage_fen, social_base_fen, additional_fen,
       housing_fund_ppm, region, joined_on, left_on, first_job, state, version
from bookkeeping.employees
where business_id = :business_id and joined_on < :until_on
  and (left_on is null or left_on >= :from_on)
order by id;

-- name: own_ids
-- The signed-in person's own employment here, found by the phone without reading it.
select e.id
from bookkeeping.employees e
join identity.phone_directory d on d.phone_index = e.phone_index
where e.business_id = :business_id and d.person_id = :person_id;
